#include "gateway/engineio/errc.hpp"

#include "runtime/base/error_category.hpp"
#include "runtime/base/json_string.hpp"
#include "runtime/base/utf8.hpp"

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

std::string_view context_of(errc error) {
  return row_of(error).context;
}

}  // namespace

error_code make_error_code(errc error) noexcept {
  static const category_of<errc> instance("gossamer.engineio", context_of);
  return {static_cast<int>(error), instance};
}

std::string json_string(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_json_string(out, repaired_utf8(text));  // surrogates are invalid here
  return out;
}

refusal refuse(errc error, request_form form, std::string_view message) {
  const row& about = row_of(error);
  const bool own_text = error == errc::forbidden && !message.empty();
  const std::string_view text = own_text ? message : about.message;
  refusal made;
  made.code = about.code;
  made.message = about.message;
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
