# Every library gossamer links, found in one place: by its own build and by find_package(gossamer).
# docs/dependencies.md says why each of them.

list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})  # FindCAF

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(CAF 0.17...<0.18 REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(cereal REQUIRED)

find_package(PkgConfig REQUIRED)
pkg_check_modules(brotli QUIET REQUIRED IMPORTED_TARGET libbrotlienc libbrotlidec)
# Not by its own find_package, which wants the parts that we do without and what they need.
pkg_check_modules(prometheus_cpp QUIET REQUIRED IMPORTED_TARGET prometheus-cpp-core)

# Header-only, and seen by gossamer's own sources alone: programs that use an installed gossamer need not have it.
if(NOT CMAKE_FIND_PACKAGE_NAME AND NOT TARGET gossamer_msgpack)
  find_path(MSGPACK_CXX_INCLUDE_DIR msgpack/v3/parse.hpp DOC "Folder of msgpack-cxx 4.1 or later")
  if(NOT MSGPACK_CXX_INCLUDE_DIR)
    message(FATAL_ERROR "msgpack-cxx is missing (msgpack.hpp): deploy/install-deps.sh brings it, docs/dependencies.md says how")
  endif()
  add_library(gossamer_msgpack INTERFACE IMPORTED GLOBAL)
  target_include_directories(gossamer_msgpack INTERFACE ${MSGPACK_CXX_INCLUDE_DIR})
  target_compile_definitions(gossamer_msgpack INTERFACE MSGPACK_NO_BOOST)
endif()
