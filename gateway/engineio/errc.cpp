#include "gateway/engineio/errc.hpp"

#include "gateway/engineio/utf8.hpp"

#include <array>

namespace gossamer::engineio {
namespace {

struct row {
  int code;
  std::string_view message;
  std::string_view context;
};

// In the order of errc. Texts and codes are the protocol's (reference implementation, `errors`).
constexpr std::array rows{
    row{0, "Transport unknown", "UNKNOWN_TRANSPORT"},
    row{1, "Session ID unknown", "UNKNOWN_SID"},
    row{2, "Bad handshake method", "BAD_HANDSHAKE_METHOD"},
    row{3, "Bad request", "INVALID_ORIGIN"},
    row{3, "Bad request", "TRANSPORT_MISMATCH"},
    row{3, "Bad request", "TRANSPORT_HANDSHAKE_ERROR"},
    row{3, "Bad request", "ID_GENERATION_ERROR"},
    row{3, "Bad request", "MIDDLEWARE_FAILURE"},
    row{3, "Bad request", "PROTOCOL_MISMATCH"},
    row{4, "Forbidden", "FORBIDDEN"},
    row{5, "Unsupported protocol version", "UNSUPPORTED_PROTOCOL_VERSION"},
    row{3, "Bad request", "BAD_PACKET"},
    row{3, "Bad request", "BAD_BASE64"},
    row{3, "Bad request", "TOO_MANY_PACKETS"},
};

const row& row_of(errc error) {
  const auto index = static_cast<std::size_t>(error) - 1;
  return index < rows.size() ? rows[index] : rows[3];
}

// Boost's base class has a protected, non-virtual destructor; nobody deletes through it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "gossamer.engineio"; }
  [[nodiscard]] std::string message(int value) const override {
    return std::string(row_of(errc(value)).context);
  }
};
#pragma GCC diagnostic pop

void append_escaped(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  const auto value = static_cast<unsigned char>(c);
  if (value >= 0x20) {
    out += c;
    return;
  }
  out += "\\u00";
  out += digits[value >> 4];
  out += digits[value & 15U];
}

}  // namespace

error_code make_error_code(errc error) noexcept {
  static const category instance;
  return {static_cast<int>(error), instance};
}

std::string json_string(std::string_view text) {
  const std::string valid = repaired_utf8(text);
  std::string out;
  out.reserve(valid.size() + 2);
  out += '"';
  for (const char c : valid) append_escaped(out, c);
  out += '"';
  return out;
}

refusal refuse(errc error, request_form form, std::string_view message) {
  const row& about = row_of(error);
  const bool own_text = error == errc::forbidden && !message.empty();
  const std::string_view text = own_text ? message : about.message;
  refusal made;
  made.code = about.code;
  made.context = about.context;
  if (form == request_form::upgrade) {
    made.content_type = "text/html";
    made.body = repaired_utf8(text);
    return made;
  }
  made.status = about.code == 4 ? 403 : 400;
  made.content_type = "application/json";
  made.body = "{\"code\":" + std::to_string(about.code) + ",\"message\":" + json_string(text) + "}";
  return made;
}

}  // namespace gossamer::engineio
