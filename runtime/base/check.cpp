#include "runtime/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace gossamer {

void check_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "gossamer: check failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace gossamer
