# SPDX-License-Identifier: GPL-2.0-or-later
import pytest

import wireshark


@pytest.fixture(scope="session", autouse=True)
def plugin_is_loaded():
    """Without this a test that expects nothing to be wrong would pass on a Wireshark without us."""
    assert wireshark.PLUGIN in wireshark.plugins(), f"tshark does not load the plugin from {wireshark.BUILD}/plugins"
