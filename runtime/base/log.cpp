#include "runtime/base/log.hpp"

#include <array>
#include <cstdio>

namespace gossamer {

log_sink stderr_sink() {
  return [](log_level level, std::string_view line) {
    static constexpr std::array<const char*, 5> names{"debug", "info", "warn", "error", "off"};
    std::fprintf(stderr, "%s %.*s\n", names[static_cast<std::size_t>(level)],
                 static_cast<int>(line.size()), line.data());
  };
}

}  // namespace gossamer
