#include "gateway/program_log.hpp"

#include <ctime>
#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace gossamer::config {
namespace {

std::string_view name_of(log_level level) {
  switch (level) {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warn: return "warn";
    default: return "error";
  }
}

std::string time_text(std::chrono::system_clock::time_point when) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(when.time_since_epoch()).count();
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ms % 1000);
}

void add_escaped(std::string& out, std::string_view text, log_format format) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      if (format == log_format::json && (c == '"' || c == '\\')) out += '\\';
      out += c;
    }
  }
}

}  // namespace

std::string log_line(log_format format, std::chrono::system_clock::time_point when, log_level level,
                     std::string_view message) {
  const bool json = format == log_format::json;
  auto line =
      fmt::format(fmt::runtime(json ? R"({{"time":"{}","level":"{}","message":")" : "{} {} "),
                  time_text(when), name_of(level));
  add_escaped(line, message, format);
  if (json) line += "\"}";
  return line;
}

log_sink stderr_log(log_format format) {
  constexpr std::size_t waiting_max = 8192;
  spdlog::init_thread_pool(waiting_max, 1);
  auto log = std::make_shared<spdlog::async_logger>(
      "gossamer", std::make_shared<spdlog::sinks::stderr_sink_mt>(), spdlog::thread_pool(),
      spdlog::async_overflow_policy::overrun_oldest);
  log->set_level(spdlog::level::trace);
  log->flush_on(spdlog::level::trace);
  log->set_pattern("%v");
  return [log = std::move(log), format](log_level level, std::string_view message) {
    log->info(
        spdlog::string_view_t(log_line(format, std::chrono::system_clock::now(), level, message)));
  };
}

void flush_log() {
  spdlog::shutdown();
}

}  // namespace gossamer::config
