// Cookies: the request's `Cookie` field and our `Set-Cookie` (RFC 6265).
//
// Pure. Bounded by the size of a head; the parser takes what browsers send and skips what is no
// pair.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::http {

/// The value of the first cookie of that name (names are case-sensitive) in a `Cookie` field,
/// without its quotes, percent-decoded if that gives UTF-8.
[[nodiscard]] std::optional<std::string> find_cookie(std::string_view field, std::string_view name);

/// Calls `visit(name, raw value)` for each pair in order.
template <class Visit>
void each_cookie(std::string_view field, Visit&& visit);

enum class same_site : std::uint8_t { unset, lax, strict, none };
enum class cookie_priority : std::uint8_t { unset, low, medium, high };

struct cookie_options {
  std::string name = "io";
  std::optional<std::string> path = "/";
  std::optional<std::string> domain;
  std::optional<std::int64_t> max_age;  // seconds
  std::optional<std::int64_t> expires;  // seconds since 1970
  bool http_only = true;
  bool secure = false;
  bool partitioned = false;
  cookie_priority priority = cookie_priority::unset;
  http::same_site same_site = http::same_site::lax;
};

/// True for a token of RFC 9110, which a cookie's name must be.
[[nodiscard]] bool is_cookie_name(std::string_view name);

/// `io=<value>; Max-Age=..; Domain=..; Path=/; Expires=..; HttpOnly; Secure; Partitioned;
/// Priority=Low; SameSite=Lax`; the value is percent-encoded as encodeURIComponent does. Bytes that
/// may not stand in an attribute are dropped.
[[nodiscard]] std::string set_cookie(const cookie_options& options, std::string_view value);

/// Takes the next pair off the front; false at the end. Used by each_cookie.
[[nodiscard]] bool take_cookie(std::string_view& rest, std::string_view& name,
                               std::string_view& value);

template <class Visit>
void each_cookie(std::string_view field, Visit&& visit) {
  std::string_view name, value;
  while (take_cookie(field, name, value)) visit(name, value);
}

}  // namespace gossamer::http
