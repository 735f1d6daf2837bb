#include "actors/socketio/errc.hpp"
#include "actors/socketio/json_text.hpp"
#include "actors/socketio/msgpack_decode.hpp"
#include "actors/socketio/msgpack_encode.hpp"
#include "actors/socketio/parser.hpp"

namespace gossamer {
namespace {

class msgpack_format final : public parser {
 public:
  void encode(const outgoing_packet& packet, message_list& out) const override {
    socketio::scratch_text text;
    socketio::encode_msgpack(packet, *text);
    out.binary(*text);
  }
  [[nodiscard]] result<std::optional<incoming_packet>> decode_text(
      std::string_view, parser_memory_ptr&) const override {
    return make_error_code(socketio::errc::invalid_payload);
  }
  [[nodiscard]] result<std::optional<incoming_packet>> decode_binary(
      const bytes& message, parser_memory_ptr&) const override {
    auto found = socketio::decode_msgpack(message.view());
    if (!found) return found.error();
    return std::optional<incoming_packet>(std::move(*found));
  }
};

}  // namespace

std::shared_ptr<const parser> msgpack_parser() {
  static const auto only = std::make_shared<const msgpack_format>();
  return only;
}

}  // namespace gossamer
