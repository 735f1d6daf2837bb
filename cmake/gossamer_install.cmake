# The umbrella gossamer::gossamer, `cmake --install` and find_package(gossamer).
# Included once all libraries exist.

get_property(libraries GLOBAL PROPERTY gossamer_libraries)
add_library(gossamer_everything INTERFACE)
target_link_libraries(gossamer_everything INTERFACE ${libraries})
set_target_properties(gossamer_everything PROPERTIES EXPORT_NAME gossamer)
add_library(gossamer::gossamer ALIAS gossamer_everything)

if(NOT GOSSAMER_INSTALL)
  return()
endif()

include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/gossamer)

install(TARGETS gossamer_everything EXPORT gossamer)
install(EXPORT gossamer NAMESPACE gossamer:: DESTINATION ${package} FILE gossamer-targets.cmake)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/gossamer-config.cmake.in
  ${PROJECT_BINARY_DIR}/gossamer-config.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/gossamer-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/gossamer-config.cmake
  ${PROJECT_BINARY_DIR}/gossamer-config-version.cmake
  ${CMAKE_CURRENT_LIST_DIR}/gossamer_dependencies.cmake ${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake
  DESTINATION ${package})

# Public headers are <gossamer/...>, but they name each other by their place in the tree, so the tree of headers is
# installed as it is, once.
foreach(folder runtime actors gateway)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/gossamer-src
    OPTIONAL FILES_MATCHING PATTERN *.hpp)
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/gossamer)

# The server program, when this build has it.
if(TARGET gossamer)
  install(TARGETS gossamer RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
