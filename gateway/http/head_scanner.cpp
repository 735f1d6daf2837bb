#include "gateway/http/head_scanner.hpp"

#include <algorithm>

namespace gossamer::http {

head_scanner::scanned head_scanner::read(std::string_view data) {
  for (std::size_t i = 0; i < data.size(); ++i) {
    const outcome what = step(data[i]);
    if (what == outcome::more) continue;
    bytes_ += i + 1;
    return {what, i + 1};
  }
  bytes_ += data.size();
  return {outcome::more, data.size()};
}

head_scanner::outcome head_scanner::step(char c) {
  if (after_cr_) {
    after_cr_ = false;
    return c == '\n' ? end_of_line() : outcome::bad;
  }
  if (c == '\r') {
    after_cr_ = true;
    return outcome::more;
  }
  const auto byte = static_cast<unsigned char>(c);
  if ((byte < 0x20 && c != '\t') || byte == 0x7f) return outcome::bad;
  if (line_bytes_ == 0 && (c == ' ' || c == '\t')) return outcome::bad;
  ++line_bytes_;
  if (request_line_) {
    std::copy(tail_ + 1, tail_ + tail_size, tail_);
    tail_[tail_size - 1] = c;
  }
  return outcome::more;
}

head_scanner::outcome head_scanner::end_of_line() {
  const bool empty = line_bytes_ == 0;
  line_bytes_ = 0;
  if (!request_line_) return empty ? outcome::complete : outcome::more;
  if (empty) return outcome::more;
  request_line_ = false;
  return looks_like_version() ? outcome::more : outcome::bad;
}

bool head_scanner::looks_like_version() const {
  const std::string_view tail(tail_, tail_size);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return tail.starts_with(" HTTP/") && digit(tail[6]) && tail[7] == '.' && digit(tail[8]);
}

}  // namespace gossamer::http
