# The plugin as a part of Wireshark's own build, by the macros that its own plugins use.
include(WiresharkPlugin)

file(STRINGS VERSION version)
string(REPLACE "." ";" numbers ${version})
set_module_info(tdsconn ${numbers} 0)

set(PLUGIN_FILES ${core} ${glue})
add_wireshark_plugin_library(tdsconn epan)
target_include_directories(tdsconn PRIVATE . core)
target_compile_definitions(tdsconn PRIVATE TDSCONN_VERSION="${version}")
target_link_libraries(tdsconn epan)
install_plugin(tdsconn epan)
