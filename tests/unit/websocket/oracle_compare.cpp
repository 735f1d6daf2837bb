#include "tests/unit/websocket/oracle_compare.hpp"

#include "gateway/websocket/frame_header.hpp"
#include "runtime/base/utf8.hpp"

#include <algorithm>

namespace gossamer::websocket {
namespace {

bool is_header_error(errc error) {
  return error >= errc::reserved_bits && error <= errc::length_out_of_range;
}

/// What Beast is expected to do after the event that ended our side (differences 1 and 2).
void expect_of_beast(const seen& last, outcome& out) {
  if (last.kind == event_kind::closed) {
    if (last.code == close_code::no_status) out.sent = close_code::normal;
    if (last.code == close_code::bad_gateway) {
      out.end = ending::failed;
      out.sent = close_code::protocol_error;
    }
  }
}

/// Difference 3: the refused code is not in the event, so any code from 5000 will do.
bool took_undefined_code(const seen& last, const outcome& beast) {
  return last.error == errc::bad_close_code && beast.end == ending::closed &&
         static_cast<std::uint16_t>(beast.sent) >= 5000;
}

/// Difference 4. Only a close frame makes Beast answer bad UTF-8 with 1002.
bool called_bad_reason_a_protocol_error(const seen& last, const outcome& beast) {
  return last.error == errc::bad_utf8 && beast.end == ending::failed &&
         beast.sent == close_code::protocol_error;
}

/// Difference 5.
bool called_bad_length_too_big(const seen& last, const outcome& beast) {
  return last.error == errc::length_out_of_range && beast.end == ending::failed &&
         beast.sent == close_code::too_big;
}

/// Difference 6.
bool delivered_broken_text(const seen& last, const outcome& ours, const outcome& beast) {
  if (last.error != errc::bad_utf8 || beast.messages.size() <= ours.messages.size()) return false;
  const auto& broken = beast.messages[ours.messages.size()];
  return broken.text && !is_utf8(broken.payload) &&
         std::equal(ours.messages.begin(), ours.messages.end(), beast.messages.begin()) &&
         ours.pongs.size() <= beast.pongs.size() &&
         std::equal(ours.pongs.begin(), ours.pongs.end(), beast.pongs.begin());
}

/// Difference 8.
bool waits_for_the_header(const seen& last, std::size_t stream_size, const outcome& beast) {
  return is_header_error(last.error) && beast.end == ending::open &&
         stream_size - last.end < frame_header_bytes_max;
}

/// All that `shorter` had is at the front of what `longer` had.
bool begins(const outcome& shorter, const outcome& longer) {
  return longer.messages.size() >= shorter.messages.size() &&
         std::equal(shorter.messages.begin(), shorter.messages.end(), longer.messages.begin()) &&
         longer.pongs.size() >= shorter.pongs.size() &&
         std::equal(shorter.pongs.begin(), shorter.pongs.end(), longer.pongs.begin());
}

/// Difference 11, at the first message that is not the same.
bool reads_the_tail_as_a_block(const outcome& ours, const outcome& beast) {
  const auto most = std::min(ours.messages.size(), beast.messages.size());
  std::size_t i = 0;
  while (i < most && ours.messages[i] == beast.messages[i]) ++i;
  if (i == ours.messages.size()) return false;
  if (i < beast.messages.size()) return beast.messages[i].payload.size() >= 65280;
  return beast.sent == close_code::too_big || beast.sent == close_code::bad_payload;
}

/// Difference 12.
bool fails_earlier(const outcome& ours, const outcome& beast) {
  return beast.end == ending::failed && begins(beast, ours) &&
         ours.messages.size() == beast.messages.size() &&
         (beast.sent == close_code::too_big || beast.sent == close_code::bad_payload);
}

/// Differences 9 to 13.
bool trips_over_deflate(const seen& last, const outcome& ours, const outcome& beast) {
  if (reads_the_tail_as_a_block(ours, beast) || fails_earlier(ours, beast)) return true;
  const bool refused = last.error == errc::bad_deflate || last.error == errc::message_too_big ||
                       last.error == errc::length_out_of_range;
  if (refused && begins(ours, beast)) return true;
  const bool wordless = beast.end == ending::failed && beast.sent == close_code::no_status;
  return wordless && begins(beast, ours);
}

bool agree(const seen& last, outcome ours, outcome beast, std::size_t stream_size) {
  if (delivered_broken_text(last, ours, beast)) return true;
  const bool tolerated =
      took_undefined_code(last, beast) || called_bad_reason_a_protocol_error(last, beast) ||
      called_bad_length_too_big(last, beast) || waits_for_the_header(last, stream_size, beast);
  expect_of_beast(last, ours);
  if (tolerated) {
    ours.end = beast.end;
    ours.sent = beast.sent;
  }
  return ours == beast;
}

}  // namespace

outcome our_outcome(const std::vector<seen>& events) {
  outcome out;
  for (const auto& one : events) {
    switch (one.kind) {
      case event_kind::text:
      case event_kind::binary:
        out.messages.push_back({one.kind == event_kind::text, one.payload});
        break;
      case event_kind::ping: out.pongs.push_back(one.payload); break;
      case event_kind::pong: break;
      case event_kind::closed:
      case event_kind::failed:
        out.end = one.kind == event_kind::closed ? ending::closed : ending::failed;
        out.sent = one.code;
    }
  }
  return out;
}

std::string describe(const outcome& one) {
  constexpr const char* endings[] = {"open", "closed", "failed"};
  std::string text = endings[static_cast<int>(one.end)];
  text += ' ' + std::to_string(static_cast<int>(one.sent));
  for (const auto& message : one.messages) {
    text += message.text ? " text:" : " binary:";
    text += std::to_string(message.payload.size());
  }
  for (const auto& pong : one.pongs) text += " pong:" + std::to_string(pong.size());
  return text;
}

std::string disagreement(std::string_view stream, const decoder_setup& how,
                         std::size_t beast_read_size) {
  const auto events = decode_by(1, stream, how);
  const auto ours = our_outcome(events);
  const auto beast = beast_outcome(stream, how, beast_read_size);
  const seen none = message(event_kind::pong, {});
  const auto& last = events.empty() ? none : events.back();
  if (last.error == errc::too_many_fragments) return {};  // difference 7
  if (how.deflate && trips_over_deflate(last, ours, beast)) return {};
  if (agree(last, ours, beast, stream.size())) return {};
  return "gossamer: " + describe(ours) + "\nBeast:    " + describe(beast);
}

}  // namespace gossamer::websocket
