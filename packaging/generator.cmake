# Read by CPack for each kind of package: which of the two components is in it, and below what its paths are.
if(CPACK_GENERATOR STREQUAL "DEB")
	set(CPACK_COMPONENTS_ALL system)
	set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
else()
	# To be unpacked in a home folder.
	set(CPACK_COMPONENTS_ALL personal)
	set(CPACK_PACKAGING_INSTALL_PREFIX /)
	set(CPACK_COMPONENT_INCLUDE_TOPLEVEL_DIRECTORY OFF)
endif()
