#include "tests/unit/websocket/decoder_harness.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

namespace gossamer::websocket {
namespace {

/// Feeds `stream` in pieces whose sizes `next_size` gives.
template <class NextSize>
std::vector<seen> decode_pieces(std::string_view stream, const decoder_setup& how,
                                NextSize next_size) {
  frame_decoder decoder(how.message_max, how.deflate);
  std::vector<seen> all;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t size = std::min<std::size_t>(next_size(), stream.size() - at);
    const std::size_t before = all.size();
    feed(decoder, std::string(stream.substr(at, size)), all);
    at += size;
    for (std::size_t i = before; i < all.size(); ++i) all[i].end = at;
  }
  return all;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const seen& one) {
  constexpr const char* names[] = {"text", "binary", "ping", "pong", "closed", "failed"};
  out << names[static_cast<int>(one.kind)] << '(' << one.payload.size() << " bytes";
  if (one.kind == event_kind::closed) out << ", " << static_cast<int>(one.code);
  if (one.kind == event_kind::failed) out << ", " << make_error_code(one.error).message();
  return out << ')';
}

seen message(event_kind kind, std::string payload) {
  seen one;
  one.kind = kind;
  one.payload = std::move(payload);
  return one;
}

seen closed(close_code code, std::string reason) {
  seen one;
  one.kind = event_kind::closed;
  one.code = code;
  one.payload = std::move(reason);
  return one;
}

seen failed(errc error) {
  seen one;
  one.code = close_code_for(error);
  one.error = error;
  return one;
}

void feed(frame_decoder& decoder, std::string piece, std::vector<seen>& all) {
  std::span<char> input(piece);
  while (const auto event = decoder.next(input)) {
    seen one;
    one.kind = event->kind;
    one.code = event->code;
    one.error = event->error;
    one.payload = event->payload;
    all.push_back(std::move(one));
  }
}

std::vector<seen> decode(std::string_view stream, const decoder_setup& how) {
  return decode_pieces(stream, how, [stream] { return stream.size(); });
}

std::vector<seen> decode_by(std::size_t size, std::string_view stream, const decoder_setup& how) {
  return decode_pieces(stream, how, [size] { return size; });
}

std::vector<seen> decode_randomly(random_source& random, std::size_t size_max,
                                  std::string_view stream, const decoder_setup& how) {
  return decode_pieces(stream, how, [&random, size_max] {
    return 1 + static_cast<std::size_t>(random.below(size_max));
  });
}

}  // namespace gossamer::websocket
