#include "gateway/ops/process_stats.hpp"

#include <charconv>
#include <dirent.h>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace gossamer::ops {
namespace {

std::string contents(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Seconds since 1970 at which the machine started.
double boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    std::uint64_t seconds = 0;
    if (word == "btime" && file >> seconds) return static_cast<double>(seconds);
  }
  return 0;
}

// Newer kernels say it at once, older ones have to be asked for every single descriptor.
std::uint64_t count_open_fds() {
  struct stat about {};
  if (::stat("/proc/self/fd", &about) == 0 && about.st_size > 0) {
    return static_cast<std::uint64_t>(about.st_size);
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), &::closedir);
  if (folder == nullptr) return 0;
  std::uint64_t found = 0;
  while (const auto* entry = ::readdir(folder.get())) {
    if (entry->d_name[0] != '.') ++found;
  }
  return found - 1;  // the folder's own
}

}  // namespace

std::optional<proc_stat> parse_proc_stat(std::string_view line) {
  const auto name_end = line.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  std::vector<std::string_view> fields;  // from the third one on
  for (auto rest = line.substr(name_end + 1); !rest.empty();) {
    const auto begin = rest.find_first_not_of(" \n");
    if (begin == std::string_view::npos) break;
    rest.remove_prefix(begin);
    fields.push_back(rest.substr(0, rest.find_first_of(" \n")));
    rest.remove_prefix(fields.back().size());
  }
  constexpr std::size_t last = 24;
  if (fields.size() <= last - 3) return std::nullopt;
  bool fine = true;
  const auto number = [&](std::size_t field) {  // counted from 1, as proc(5) does
    const auto text = fields[field - 3];
    std::uint64_t value = 0;
    fine = fine && std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
    return value;
  };
  const proc_stat read{number(14), number(15), number(22), number(23), number(24)};
  return fine ? std::optional(read) : std::nullopt;
}

process_stats read_process_stats() {
  process_stats now;
  const auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  if (const auto read = parse_proc_stat(contents("/proc/self/stat"))) {
    now.cpu_seconds = static_cast<double>(read->user_ticks + read->system_ticks) / per_second;
    now.start_time_seconds = boot_time() + static_cast<double>(read->start_ticks) / per_second;
    now.virtual_bytes = read->virtual_bytes;
    now.resident_bytes = read->resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  now.open_fds = count_open_fds();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) now.fds_max = limit.rlim_cur;
  return now;
}

}  // namespace gossamer::ops
