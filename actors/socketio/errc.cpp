#include "actors/socketio/errc.hpp"

#include "runtime/base/error_category.hpp"

#include <string_view>

namespace gossamer::socketio {
namespace {

std::string_view text(errc code) {
  switch (code) {
    case errc::unknown_packet_type: return "unknown packet type";
    case errc::illegal_attachments: return "Illegal attachments";
    case errc::too_many_attachments: return "too many attachments";
    case errc::invalid_payload: return "invalid payload";
    case errc::text_inside_binary: return "got plaintext data when reconstructing a packet";
    case errc::binary_without_header: return "got binary data when not reconstructing a packet";
    case errc::namespace_too_long: return "namespace name too long";
    case errc::event_name_too_long: return "event name too long";
    case errc::reserved_event_name: return "reserved event name";
    case errc::too_many_acks: return "too many pending acks";
    case errc::ack_id_in_use: return "ack id in use";
  }
  return "unknown socketio error";
}

}  // namespace

const boost::system::error_category& socketio_category() noexcept {
  static const category_of<errc> instance("gossamer.socketio", text);
  return instance;
}

error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), socketio_category()};
}

}  // namespace gossamer::socketio
