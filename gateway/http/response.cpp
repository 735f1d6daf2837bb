#include "gateway/http/response.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace gossamer::http {
namespace {

constexpr std::pair<unsigned, std::string_view> reasons[] = {
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {413, "Payload Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

// RFC 9110, 6.4.1: these have no content.
bool has_no_body(unsigned status) {
  return status < 200 || status == 204 || status == 304;
}

std::string head_of(const response& answer, const head_context& context) {
  std::string head;
  head.reserve(160 + answer.headers.text().size());
  const auto out = std::back_inserter(head);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\n", answer.status, reason_phrase(answer.status));
  head += answer.headers.text();
  if (!has_no_body(answer.status) && !answer.headers.has("Content-Length")) {
    fmt::format_to(out, "Content-Length: {}\r\n", answer.body_bytes());
  }
  if (!context.date.empty()) fmt::format_to(out, "Date: {}\r\n", context.date);
  if (context.close) {
    head += "Connection: close\r\n";
  } else {
    head += "Connection: keep-alive\r\n";
    if (context.keep_alive_s != 0)
      fmt::format_to(out, "Keep-Alive: timeout={}\r\n", context.keep_alive_s);
  }
  head += "\r\n";
  return head;
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
  for (const auto& [code, reason] : reasons) {
    if (code == status) return reason;
  }
  return "Unknown";
}

response plain_response(unsigned status, std::string body) {
  response made;
  made.status = status;
  made.headers.add("Content-Type", "text/plain; charset=utf-8");
  made.body = body.empty() ? std::string(reason_phrase(status)) : std::move(body);
  return made;
}

encoded_response encode(const response& answer, const head_context& context) {
  const std::string head = head_of(answer, context);
  if (context.to_head || has_no_body(answer.status)) {
    return {shared_frame::make(frame_kind::raw, {head}), {}};
  }
  if (answer.shared) {
    const bool raw = answer.shared.kind() == frame_kind::raw;
    if (raw) return {shared_frame::make(frame_kind::raw, {head}), answer.shared};
    return {shared_frame::make(frame_kind::raw, {head, answer.shared.payload()}), {}};
  }
  return {shared_frame::make(frame_kind::raw, {head, answer.body}), {}};
}

std::string http_date(std::int64_t seconds_since_epoch) {
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto time = static_cast<std::time_t>(seconds_since_epoch);
  std::tm parts{};
  if (::gmtime_r(&time, &parts) == nullptr) return {};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                     months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace gossamer::http
