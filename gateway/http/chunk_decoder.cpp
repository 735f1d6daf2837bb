#include "gateway/http/chunk_decoder.hpp"

#include "runtime/base/form.hpp"

#include <algorithm>

namespace gossamer::http {
namespace {

constexpr std::uint16_t size_line_bytes_max = 256;
constexpr std::uint16_t trailer_bytes_max = 4096;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

}  // namespace

chunk_decoder::outcome chunk_decoder::read(std::string_view& data, std::string& body,
                                           std::size_t body_bytes_max) {
  while (!data.empty()) {
    if (state_ == state::data) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size()));
      body.append(data.substr(0, take));
      data.remove_prefix(take);
      left_ -= take;
      if (left_ == 0) state_ = state::data_cr;
      continue;
    }
    const char c = data.front();
    data.remove_prefix(1);
    const outcome what = step(c, body_bytes_max - std::min(body_bytes_max, body.size()));
    if (what != outcome::more) return what;
  }
  return outcome::more;
}

chunk_decoder::outcome chunk_decoder::step(char c, std::size_t body_bytes_left) {
  const auto expect = [&](char wanted, state next) {
    state_ = next;
    line_bytes_ = 0;
    return c == wanted ? outcome::more : outcome::bad;
  };
  switch (state_) {
    case state::size_first:
    case state::size: return size_digit(c, body_bytes_left);
    case state::extension:
      if (++line_bytes_ > size_line_bytes_max) return outcome::bad;
      return end_of_size_line(c);
    case state::size_lf: return expect('\n', left_ == 0 ? state::trailer_first : state::data);
    case state::data_cr: return expect('\r', state::data_lf);
    case state::data_lf: return expect('\n', state::size_first);
    case state::end_lf: return c == '\n' ? outcome::complete : outcome::bad;
    case state::data:
    case state::trailer_first:
    case state::trailer:
    case state::trailer_lf: break;
  }
  return in_trailer(c);
}

chunk_decoder::outcome chunk_decoder::size_digit(char c, std::size_t body_bytes_left) {
  if (++line_bytes_ > size_line_bytes_max) return outcome::bad;
  const int digit = hex_value(c);
  if (digit < 0) return state_ == state::size_first ? outcome::bad : end_of_size_line(c);
  if (state_ == state::size_first) left_ = 0;
  state_ = state::size;
  left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
  return left_ > body_bytes_left ? outcome::too_large : outcome::more;
}

chunk_decoder::outcome chunk_decoder::end_of_size_line(char c) {
  if (c == '\r') {
    state_ = state::size_lf;
    return outcome::more;
  }
  if (is_control(c)) return outcome::bad;
  // Only an extension may follow the digits: `5 ` or `0x5` are read differently by others.
  if (state_ == state::size && c != ';') return outcome::bad;
  state_ = state::extension;
  return outcome::more;
}

chunk_decoder::outcome chunk_decoder::in_trailer(char c) {
  if (++line_bytes_ > trailer_bytes_max) return outcome::bad;
  if (state_ == state::trailer_lf) {
    state_ = state::trailer_first;
    return c == '\n' ? outcome::more : outcome::bad;
  }
  if (c == '\r') {
    state_ = state_ == state::trailer_first ? state::end_lf : state::trailer_lf;
    return outcome::more;
  }
  const bool folded = state_ == state::trailer_first && (c == ' ' || c == '\t');
  state_ = state::trailer;
  return folded || is_control(c) ? outcome::bad : outcome::more;
}

}  // namespace gossamer::http
