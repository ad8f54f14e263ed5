# The plugin as a part of Wireshark's own build, by the macros that its own plugins use.
include(WiresharkPlugin)

file(STRINGS VERSION version)
string(REPLACE "." ";" numbers ${version})
set_module_info(tdsconn ${numbers} 0)

set(PLUGIN_FILES ${core} ${glue})
add_wireshark_plugin_library(tdsconn epan)
target_include_directories(tdsconn PRIVATE . core)
# Wireshark 4.0's headers include gcrypt.h, and its own build does not tell a plugin where that is: on Windows and with
# Homebrew no compiler finds it by itself.
target_include_directories(tdsconn SYSTEM PRIVATE ${GCRYPT_INCLUDE_DIRS} ${GNUTLS_INCLUDE_DIRS})
target_compile_definitions(tdsconn PRIVATE TDSCONN_VERSION="${version}")
target_link_libraries(tdsconn epan)
install_plugin(tdsconn epan)
