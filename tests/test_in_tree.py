# SPDX-License-Identifier: GPL-2.0-or-later
"""The folder plugin as a part of Wireshark's own tree, as far as can be told without that tree: stand-ins for what
Wireshark's CMake has, and what the compiler would be called with. tools/in-tree does it in earnest."""

import json
import shutil
import subprocess

import pytest

import wireshark

TREE = """cmake_minimum_required(VERSION 3.20)
project(wireshark C)
list(APPEND CMAKE_MODULE_PATH ${CMAKE_SOURCE_DIR})
add_library(epan INTERFACE)
set(GCRYPT_INCLUDE_DIRS /where/gcrypt/is)
add_subdirectory(plugins/epan/tdsconn)
"""
MACROS = """macro(set_module_info name)
endmacro()
macro(add_wireshark_plugin_library name folder)
	add_library(${name} MODULE ${PLUGIN_FILES})
endmacro()
macro(install_plugin name folder)
endmacro()
"""


@pytest.fixture(scope="module", name="commands")
def commands_of_the_compiler(tmp_path_factory):
    """{source, from the folder plugin: the command that compiles it}"""
    tree = tmp_path_factory.mktemp("tree")
    plugin = tree / "plugins/epan/tdsconn"
    shutil.copytree(wireshark.ROOT / "plugin", plugin)
    (tree / "CMakeLists.txt").write_text(TREE)
    (tree / "WiresharkPlugin.cmake").write_text(MACROS)
    subprocess.run(["cmake", "-S", tree, "-B", tree / "build", "-G", "Ninja", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"],
                   check=True, capture_output=True)
    found = json.loads((tree / "build/compile_commands.json").read_text())
    return {wireshark.Path(one["file"]).relative_to(plugin).as_posix(): one["command"] for one in found}


def test_every_source_is_compiled(commands):
    plugin = wireshark.ROOT / "plugin"
    assert set(commands) == {source.relative_to(plugin).as_posix() for source in plugin.rglob("*.c")}


def test_gcrypt_is_found_where_no_compiler_looks_by_itself(commands):
    """Wireshark 4.0's headers include gcrypt.h: on Windows and with Homebrew it is in a folder of its own."""
    assert [source for source, command in commands.items() if "-isystem /where/gcrypt/is" not in command] == []


def test_the_version_is_told(commands):
    version = (wireshark.ROOT / "plugin/VERSION").read_text(encoding="utf-8").strip()
    assert f'TDSCONN_VERSION=\\"{version}\\"' in commands["plugin.c"]
