# CAF 0.17 as distributions ship it: without a package file of its own.
#
# Defines caf::core and caf::io. Looks in CAF_ROOT first, e.g. for a CAF built with a sanitizer.
# Refuses to go on beside another CAF: two of them in one program would mix their type tables.

if(TARGET CAF::core OR TARGET CAF::caf)
  message(FATAL_ERROR "gossamer: this build already uses another CAF (target CAF::core, version 0.18 "
                      "or later). gossamer needs CAF 0.17; a program cannot link two of them.")
endif()

find_path(CAF_INCLUDE_DIR caf/all.hpp)
find_library(CAF_CORE_LIBRARY caf_core)
find_library(CAF_IO_LIBRARY caf_io)

if(CAF_INCLUDE_DIR)
  file(STRINGS ${CAF_INCLUDE_DIR}/caf/config.hpp CAF_VERSION REGEX "#define CAF_VERSION +[0-9]+")
  string(REGEX MATCH "[0-9]+$" CAF_VERSION "${CAF_VERSION}")
  math(EXPR caf_major "${CAF_VERSION} / 10000")
  math(EXPR caf_minor "${CAF_VERSION} / 100 % 100")
  math(EXPR caf_patch "${CAF_VERSION} % 100")
  set(CAF_VERSION "${caf_major}.${caf_minor}.${caf_patch}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_CORE_LIBRARY CAF_IO_LIBRARY CAF_INCLUDE_DIR
  VERSION_VAR CAF_VERSION HANDLE_VERSION_RANGE)
mark_as_advanced(CAF_INCLUDE_DIR CAF_CORE_LIBRARY CAF_IO_LIBRARY)

if(CAF_FOUND AND NOT TARGET caf::core)
  find_package(Threads REQUIRED)
  add_library(caf::core UNKNOWN IMPORTED)
  set_target_properties(caf::core PROPERTIES IMPORTED_LOCATION ${CAF_CORE_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR})
  target_link_libraries(caf::core INTERFACE Threads::Threads)
  add_library(caf::io UNKNOWN IMPORTED)
  set_target_properties(caf::io PROPERTIES IMPORTED_LOCATION ${CAF_IO_LIBRARY})
  target_link_libraries(caf::io INTERFACE caf::core)
endif()
