# gossamer_library(NAME [SEPARATE]): what every library of the project has in common. Called once,
# after add_library. The library gets the name gossamer::<NAME without gossamer_>, becomes part of
# gossamer::gossamer (not with SEPARATE) and is installed.
function(gossamer_library name)
  cmake_parse_arguments(arg "SEPARATE" "" "" ${ARGN})
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/actors/include>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/gateway/include>
    $<INSTALL_INTERFACE:include/gossamer-src>
    $<INSTALL_INTERFACE:include/gossamer-src/actors/include>
    $<INSTALL_INTERFACE:include/gossamer-src/gateway/include>)
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wpedantic -Wshadow=local -Wnon-virtual-dtor)
  target_compile_definitions(${name} PUBLIC BOOST_ASIO_NO_DEPRECATED)

  string(REGEX REPLACE "^gossamer_" "" short ${name})
  add_library(gossamer::${short} ALIAS ${name})
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${short})
  if(NOT arg_SEPARATE)
    set_property(GLOBAL APPEND PROPERTY gossamer_libraries ${name})
  endif()
  if(GOSSAMER_INSTALL)
    install(TARGETS ${name} EXPORT gossamer ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/gossamer)
  endif()
endfunction()
