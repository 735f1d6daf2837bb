// What the kernel says of this process.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gossamer::ops {

struct process_stats {
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  double cpu_seconds = 0;
  double start_time_seconds = 0;  // since 1970
  std::uint64_t open_fds = 0;
  std::uint64_t fds_max = 0;
};

/// Any thread. What cannot be read stays 0.
[[nodiscard]] process_stats read_process_stats();

/// The fields of `/proc/self/stat` that are used, in the kernel's units. Pure.
struct proc_stat {
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::uint64_t start_ticks = 0;  // since the machine started
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};
/// Nothing if it is not of that form. The program's name may hold spaces and parentheses.
[[nodiscard]] std::optional<proc_stat> parse_proc_stat(std::string_view line);

}  // namespace gossamer::ops
