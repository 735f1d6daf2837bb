# Builds and runs the consumer, from nothing, against an installed gossamer (way=find_package) or
# with its source folder (way=add_subdirectory). Compiler, build type and sanitizers are those of
# the build under test, so that ccache knows gossamer's own files already.

file(STRINGS ${gossamer_build}/CMakeCache.txt lines REGEX "^[A-Za-z_]+:[A-Z]+=")
foreach(line IN LISTS lines)
  if(line MATCHES "^(CMAKE_BUILD_TYPE|CMAKE_CXX_COMPILER|CMAKE_CXX_FLAGS|CMAKE_CXX_FLAGS_DEBUG|GOSSAMER_SANITIZE|GOSSAMER_CCACHE|CMAKE_PREFIX_PATH|CMAKE_EXE_LINKER_FLAGS|CAF_ROOT|CMAKE_INSTALL_LIBDIR):[A-Z]+=(.*)$")
    set(${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
  endif()
endforeach()

function(run what)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "${way}: ${what} failed:\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${build} ${build}-prefix)
set(settings -G Ninja -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
    "-DCMAKE_CXX_FLAGS=${CMAKE_CXX_FLAGS}" "-DCMAKE_CXX_FLAGS_DEBUG=${CMAKE_CXX_FLAGS_DEBUG}")
if(GOSSAMER_SANITIZE)
  list(APPEND settings "-DCMAKE_EXE_LINKER_FLAGS=${CMAKE_EXE_LINKER_FLAGS} -fsanitize=${GOSSAMER_SANITIZE}")
endif()
if(CAF_ROOT)
  list(APPEND settings -DCAF_ROOT=${CAF_ROOT})
endif()

if(way STREQUAL "find_package")
  run(install ${CMAKE_COMMAND} --install ${gossamer_build} --prefix ${build}-prefix)
  list(APPEND settings -DCMAKE_PREFIX_PATH=${build}-prefix)
else()
  list(APPEND settings -DGOSSAMER_SOURCE=${gossamer_source} -DGOSSAMER_SANITIZE=${GOSSAMER_SANITIZE}
       -DCMAKE_PREFIX_PATH=${CMAKE_PREFIX_PATH})
  if(GOSSAMER_CCACHE)
    set(ENV{CCACHE_NOHASHDIR} 1)
    list(APPEND settings -DCMAKE_CXX_COMPILER_LAUNCHER=${GOSSAMER_CCACHE})
  endif()
endif()

run(configure ${CMAKE_COMMAND} -S ${source} -B ${build} ${settings})
run(build ${CMAKE_COMMAND} --build ${build} --target consumer consumer_test)
run(consumer ${build}/consumer)
run(consumer_test ${build}/consumer_test)
# An installed gossamer names nothing of the folder it was built in.
if(way STREQUAL "find_package")
  file(GLOB_RECURSE package ${build}-prefix/*.cmake)
  foreach(file IN LISTS package)
    file(READ ${file} text)
    string(FIND "${text}" "${gossamer_source}" found)
    if(NOT found EQUAL -1)
      message(FATAL_ERROR "${file} names ${gossamer_source}")
    endif()
  endforeach()
  if(NOT package)
    message(FATAL_ERROR "no package file under ${build}-prefix")
  endif()
endif()
