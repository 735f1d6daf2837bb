#include "gateway/websocket/handshake.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <openssl/sha.h>

namespace gossamer::websocket {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view lower_case) {
  return std::ranges::equal(a, lower_case, {}, lower);
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Is `token` (lower case) one of the comma-separated elements of `list`?
bool lists(std::string_view list, std::string_view token) {
  while (true) {
    const auto comma = list.find(',');
    if (equal_ignoring_case(trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

/// 16 bytes are 22 characters of base64 and two of padding. What the spare bits of the last
/// character say is not looked at, as in other servers.
bool is_key(std::string_view key) {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  return key.substr(0, 22).find_first_not_of(base64_alphabet) == std::string_view::npos;
}

std::string base64(const std::array<unsigned char, SHA_DIGEST_LENGTH>& digest) {
  std::string text;
  text.reserve(28);
  for (std::size_t i = 0; i < digest.size(); i += 3) {
    const bool whole = i + 2 < digest.size();  // the last group of 20 bytes has two
    const unsigned group = unsigned{digest[i]} << 16U | unsigned{digest[i + 1]} << 8U |
                           (whole ? unsigned{digest[i + 2]} : 0U);
    text += base64_alphabet[group >> 18U];
    text += base64_alphabet[group >> 12U & 63U];
    text += base64_alphabet[group >> 6U & 63U];
    text += whole ? base64_alphabet[group & 63U] : '=';
  }
  return text;
}

std::string_view status_line_of(unsigned status) {
  switch (status) {
    case 405: return "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n";
    case 426:  // RFC 9110, 15.5.22: names the protocol; RFC 6455, 4.4: names the version
      return "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    default: return "HTTP/1.1 400 Bad Request\r\n";
  }
}

}  // namespace

bool wants_websocket(std::string_view upgrade) {
  return lists(upgrade, "websocket");
}

result<void> check_upgrade(const upgrade_request& request) {
  if (request.method != "GET") return errc::bad_method;
  if (request.http_version < 11) return errc::bad_http_version;
  if (!wants_websocket(request.upgrade)) return errc::no_upgrade;
  if (!lists(request.connection, "upgrade")) return errc::no_upgrade;
  if (trim(request.version) != "13") return errc::bad_version;
  if (!is_key(trim(request.key))) return errc::bad_key;
  return {};
}

std::string accept_key(std::string_view key) {
  std::string text(trim(key));
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return base64(digest);
}

shared_frame accept_response(std::string_view key, std::string_view more_fields) {
  constexpr std::string_view head =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  return shared_frame::make(frame_kind::raw, {head, accept_key(key), "\r\n", more_fields, "\r\n"});
}

shared_frame refusal_response(errc error) {
  const unsigned status = http_status_for(error);
  const std::string body = make_error_code(error).message();
  return shared_frame::make(
      frame_kind::raw, {status_line_of(status),
                        status == 426 ? "Connection: Upgrade, close\r\n" : "Connection: close\r\n",
                        "Content-Type: text/plain\r\nContent-Length: ", std::to_string(body.size()),
                        "\r\n\r\n", body});
}

}  // namespace gossamer::websocket
