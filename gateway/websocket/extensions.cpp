#include "gateway/websocket/extensions.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace gossamer::websocket {
namespace {

constexpr int window_bits_min = 8;
constexpr int window_bits_max = 15;

bool is_token_char(char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         others.find(c) != std::string_view::npos;
}

/// Takes the field apart. What has been taken is dropped from the front.
class field_reader {
 public:
  explicit field_reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() {
    skip_space();
    return rest_.empty();
  }
  bool take(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Empty: there is none.
  std::string_view token() {
    skip_space();
    const auto end = std::ranges::find_if_not(rest_, is_token_char);
    const auto found = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(found.size());
    return found;
  }
  /// A token, bare or quoted: what is quoted has to be a token too (RFC 6455, 9.1), so that there
  /// is nothing to unescape but needless backslashes. Empty: neither.
  std::string value() {
    if (!take('"')) return std::string(token());
    std::string out;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      if (rest_.empty() || !is_token_char(rest_.front())) return {};
      out += rest_.front();
      rest_.remove_prefix(1);
    }
    return take('"') ? out : std::string();
  }

 private:
  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) {
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
};

/// A number from 8 to 15 without leading zeros.
std::optional<int> window_bits(std::string_view text) {
  if (text.empty() || text.size() > 2 || text.front() == '0') return {};
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return {};
    value = value * 10 + (c - '0');
  }
  if (value < window_bits_min || value > window_bits_max) return {};
  return value;
}

/// One offer of the extension, or of another one.
struct offer {
  bool usable = false;  // it is permessage-deflate, and legal so far
  bool server_no_takeover = false;
  bool client_no_takeover = false;
  bool names_client_window = false;
  std::optional<int> server_window;
  std::optional<int> client_window;

  /// RFC 7692, 7.1: parameters that are unknown, come twice or have a bad value spoil the offer.
  void add(std::string_view name, const std::optional<std::string>& value) {
    usable = usable && understood(name, value);
  }

 private:
  bool understood(std::string_view name, const std::optional<std::string>& value) {
    if (name == "server_no_context_takeover") return set_flag(server_no_takeover, value);
    if (name == "client_no_context_takeover") return set_flag(client_no_takeover, value);
    if (name == "server_max_window_bits") {
      if (server_window || !value) return false;
      server_window = window_bits(*value);
      return server_window.has_value();
    }
    if (name != "client_max_window_bits" || names_client_window) return false;
    names_client_window = true;
    if (!value) return true;
    client_window = window_bits(*value);
    return client_window.has_value();
  }
  static bool set_flag(bool& flag, const std::optional<std::string>& value) {
    return !value && !std::exchange(flag, true);
  }
};

/// False: the grammar is broken.
bool read_parameters(field_reader& in, offer& out) {
  while (in.take(';')) {
    const auto name = in.token();
    if (name.empty()) return false;
    std::optional<std::string> value;
    if (in.take('=')) {
      value = in.value();
      if (value->empty()) return false;
    }
    out.add(name, value);
  }
  return true;
}

std::string answer_to(const offer& asked, const deflate_options& options) {
  std::string out = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  if (asked.server_window || options.server_max_window_bits < window_bits_max) {
    out += "; server_max_window_bits=" + std::to_string(options.server_max_window_bits);
  }
  if (asked.names_client_window && options.client_max_window_bits < window_bits_max) {
    const int most = asked.client_window.value_or(window_bits_max);
    out += "; client_max_window_bits=" +
           std::to_string(std::min(most, options.client_max_window_bits));
  }
  return out;
}

}  // namespace

result<std::string> accept_deflate(std::string_view offers, const deflate_options& options) {
  field_reader in(offers);
  std::string answer;
  do {
    if (in.take(',')) continue;  // lists may have empty elements (RFC 9110, 5.6.1.2)
    if (in.at_end()) break;
    const auto name = in.token();
    if (name.empty()) return errc::bad_extensions;
    offer asked;
    asked.usable = name == "permessage-deflate";
    if (!read_parameters(in, asked)) return errc::bad_extensions;
    const int window = asked.server_window.value_or(window_bits_max);
    if (answer.empty() && asked.usable && window >= options.server_max_window_bits) {
      answer = answer_to(asked, options);
    }
    if (in.at_end()) break;
    if (!in.take(',')) return errc::bad_extensions;
  } while (true);
  return answer;
}

}  // namespace gossamer::websocket
