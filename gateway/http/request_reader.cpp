#include "gateway/http/request_reader.hpp"

#include <algorithm>

namespace gossamer::http {

request_reader::request_reader(std::size_t head_bytes_max, std::size_t fields_max)
    : head_bytes_max_(head_bytes_max), fields_max_(fields_max) {}

request_reader::progress request_reader::read(std::string_view& data) {
  switch (stage_) {
    case stage::head: return read_head(data);
    case stage::decide: return progress::head;
    case stage::body: return read_body(data);
  }
  return progress::more;
}

request_reader::progress request_reader::read_head(std::string_view& data) {
  // One byte more than allowed is enough to know that it is too much.
  const auto fresh = data.substr(0, head_bytes_max_ + 1 - scanner_.bytes());
  const auto [what, used] = scanner_.read(fresh);
  data.remove_prefix(used);
  if (what == head_scanner::outcome::bad) return refuse(refusal::malformed);
  if (scanner_.bytes() > head_bytes_max_) return refuse(refusal::head_too_large);
  const bool in_one_piece = partial_.empty();
  if (what == head_scanner::outcome::more || !in_one_piece) partial_.append(fresh.substr(0, used));
  if (what == head_scanner::outcome::more) return progress::more;

  request_ = std::make_unique<request>();
  const auto wrong = parse_head(in_one_piece ? fresh.substr(0, used) : std::string_view(partial_),
                                fields_max_, *request_);
  if (wrong) return refuse(*wrong);
  partial_ = {};
  stage_ = stage::decide;
  return progress::head;
}

request_reader::progress request_reader::accept_body(std::size_t bytes_max) {
  if (request_->content_length > bytes_max) return refuse(refusal::body_too_large);
  body_bytes_max_ = bytes_max;
  stage_ = stage::body;
  if (!request_->chunked && request_->content_length == 0) return progress::complete;
  return progress::more;
}

request_reader::progress request_reader::read_body(std::string_view& data) {
  std::string& body = request_->body;
  if (!request_->chunked) {
    const auto left = static_cast<std::size_t>(request_->content_length) - body.size();
    const auto taken = data.substr(0, left);
    // What is announced is reserved only once some of it has come, and never all at once.
    if (body.empty()) body.reserve(std::min<std::size_t>(left, taken.size() * 4));
    body.append(taken);
    data.remove_prefix(taken.size());
    return taken.size() == left ? progress::complete : progress::more;
  }
  switch (chunks_.read(data, body, body_bytes_max_)) {
    case chunk_decoder::outcome::more: return progress::more;
    case chunk_decoder::outcome::complete: return progress::complete;
    case chunk_decoder::outcome::bad: return refuse(refusal::bad_chunk);
    case chunk_decoder::outcome::too_large: return refuse(refusal::body_too_large);
  }
  return progress::more;
}

request_reader::progress request_reader::refuse(refusal why) {
  why_ = why;
  partial_ = {};
  return progress::refused;
}

}  // namespace gossamer::http
