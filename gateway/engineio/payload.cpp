#include "gateway/engineio/payload.hpp"

#include "gateway/engineio/base64.hpp"
#include "gateway/engineio/errc.hpp"
#include "gateway/engineio/utf16.hpp"
#include "runtime/base/utf8.hpp"

namespace gossamer::engineio {
namespace {

// A length has at most so many digits; no body is that long.
constexpr std::size_t length_digits_max = 10;

std::string_view take(std::string_view& rest, std::size_t size) {
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(taken.size());
  return taken;
}

}  // namespace

// ---- reading ----

result<packet> payload_reader::next() {
  if (++count_ > limits::payload_packets_max) {
    done_ = true;
    return errc::too_many_packets;
  }
  auto decoded = next_packet();
  if (!decoded) done_ = true;
  return decoded;
}

result<packet> payload_reader::next_packet() {
  switch (form_) {
    case payload_form::separated: return next_separated();
    case payload_form::counted: return next_counted();
    case payload_form::binary: break;
  }
  return next_binary();
}

result<packet> payload_reader::next_separated() {
  const std::size_t end = rest_.find(payload_separator);
  const std::string_view text = rest_.substr(0, end);
  if (end == std::string_view::npos) {
    done_ = true;
  } else {
    rest_.remove_prefix(end + 1);
  }
  return decode_packet(text);
}

// Takes the digits, each `zero` more than its value, and the `end` behind them.
bool payload_reader::take_length(char end, char zero, std::size_t& length) {
  length = 0;
  std::size_t digits = 0;
  while (digits < rest_.size() && rest_[digits] != end) {
    const int value = rest_[digits] - zero;
    if (value < 0 || value > 9 || ++digits > length_digits_max) return false;
    length = length * 10 + static_cast<std::size_t>(value);
  }
  if (digits == 0 || digits == rest_.size()) return false;
  rest_.remove_prefix(digits + 1);
  return true;
}

result<packet> payload_reader::next_counted() {
  std::size_t units = 0;
  if (!take_length(':', '0', units)) return errc::bad_packet;
  const auto size = utf16_prefix(rest_, units);
  if (!size) return errc::bad_packet;
  const std::string_view text = take(rest_, *size);
  done_ = rest_.empty();
  if (text.empty()) return packet{};  // the reference implementation skips it
  return decode_packet_v3(text);
}

result<packet> payload_reader::next_binary() {
  const char kind = take(rest_, 1)[0];
  std::size_t size = 0;
  if (kind != 0 && kind != 1) return errc::bad_packet;
  if (!take_length('\xff', 0, size) || size > rest_.size()) return errc::bad_packet;
  const std::string_view data = take(rest_, size);
  done_ = rest_.empty();
  if (kind == 1) return decode_binary_v3(data);
  if (!is_utf8(data)) return errc::bad_packet;
  return decode_packet_v3(data);
}

// ---- writing ----

void payload_writer::add(const shared_frame& frame) {
  if (frame.kind() == frame_kind::binary) {
    add_bytes(frame.payload());
  } else {
    add_text({}, frame.payload());
  }
}

void payload_writer::add(packet_type type, std::string_view data) {
  const char character = type_character(type);
  add_text({&character, 1}, data);
}

void payload_writer::add_text(std::string_view type, std::string_view data) {
  switch (form_) {
    case payload_form::separated:
      if (!text_.empty()) text_ += payload_separator;
      break;
    case payload_form::counted:
      text_ += std::to_string(type.size() + utf16_size(data));
      text_ += ':';
      break;
    case payload_form::binary: add_length(type.size() + data.size(), false); break;
  }
  text_ += type;
  text_ += data;
}

void payload_writer::add_bytes(std::string_view data) {
  switch (form_) {
    case payload_form::separated:
      if (!text_.empty()) text_ += payload_separator;
      text_ += 'b';
      return append_base64(text_, data);
    case payload_form::counted:
      text_ += std::to_string(2 + base64_size(data.size()));
      text_ += ":b4";
      return append_base64(text_, data);
    case payload_form::binary: break;
  }
  add_length(1 + data.size(), true);
  text_ += static_cast<char>(packet_type::message);
  text_ += data;
}

void payload_writer::add_length(std::size_t length, bool binary) {
  text_ += static_cast<char>(binary ? 1 : 0);
  for (const char digit : std::to_string(length)) text_ += static_cast<char>(digit - '0');
  text_ += '\xff';
}

std::size_t payload_size(const shared_frame& frame) {
  constexpr std::size_t around_max = length_digits_max + 2;
  const std::size_t raw = frame.payload().size();
  return around_max + (frame.kind() == frame_kind::binary ? base64_size(raw) + 2 : raw);
}

}  // namespace gossamer::engineio
