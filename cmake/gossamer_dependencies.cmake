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
