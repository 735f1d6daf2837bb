#include "gateway/websocket/errc.hpp"

#include "runtime/base/error_category.hpp"

#include <string_view>

namespace gossamer::websocket {
namespace {

std::string_view message_of(errc error) {
  switch (error) {
    case errc::none: return "no error";
    case errc::bad_method: return "method is not GET";
    case errc::bad_http_version: return "HTTP version is below 1.1";
    case errc::no_upgrade: return "not a WebSocket upgrade";
    case errc::bad_key: return "missing or invalid Sec-WebSocket-Key";
    case errc::bad_version: return "Sec-WebSocket-Version is not 13";
    case errc::bad_extensions: return "invalid Sec-WebSocket-Extensions";
    case errc::reserved_bits: return "reserved bits are set";
    case errc::bad_opcode: return "unknown opcode";
    case errc::unmasked_frame: return "frame is not masked";
    case errc::fragmented_control: return "control frame is fragmented";
    case errc::control_too_long: return "control frame is over 125 bytes";
    case errc::length_not_minimal: return "length is not in its shortest form";
    case errc::length_out_of_range: return "length is over 63 bits";
    case errc::unexpected_continuation: return "nothing to continue";
    case errc::expected_continuation: return "new message inside an unfinished one";
    case errc::bad_close_size: return "close payload of one byte";
    case errc::bad_close_code: return "close code is not allowed";
    case errc::bad_utf8: return "text is not UTF-8";
    case errc::message_too_big: return "message is too big";
    case errc::too_many_fragments: return "message has too many fragments";
    case errc::bad_deflate: return "message is not valid deflate data";
  }
  return "unknown error";
}

}  // namespace

close_code close_code_for(errc error) {
  switch (error) {
    case errc::bad_deflate:
    case errc::bad_utf8: return close_code::bad_payload;
    case errc::message_too_big:
    case errc::too_many_fragments: return close_code::too_big;
    default: return close_code::protocol_error;
  }
}

unsigned http_status_for(errc error) {
  switch (error) {
    case errc::bad_method: return 405;
    case errc::bad_version: return 426;
    default: return 400;
  }
}

const boost::system::error_category& error_category() {
  static const category_of<errc> instance("gossamer.websocket", message_of);
  return instance;
}

}  // namespace gossamer::websocket
