#include "gateway/transport/answers.hpp"

#include <utility>

namespace gossamer::transport {

http::response poll_answer(std::string payload, engineio::payload_form form) {
  const bool binary = form == engineio::payload_form::binary;
  http::response answer;
  answer.headers.add("Content-Type",
                     binary ? "application/octet-stream" : "text/plain; charset=UTF-8");
  answer.headers.add("Cache-Control", "no-store");
  answer.body = std::move(payload);
  return answer;
}

// text/html: some browsers offer to download a POST's answer of text/plain.
http::response post_answer() {
  http::response answer;
  answer.headers.add("Content-Type", "text/html");
  answer.headers.add("Cache-Control", "no-store");
  answer.body = "ok";
  return answer;
}

http::response empty_answer(unsigned status) {
  http::response answer;
  answer.status = status;
  return answer;
}

http::response refusal_answer(const engineio::refusal& refused, engineio::request_form form) {
  http::response answer;
  answer.status = refused.status;
  answer.close = form == engineio::request_form::upgrade;
  answer.headers.add("Content-Type", refused.content_type);
  answer.body = refused.body;
  return answer;
}

shared_frame raw_refusal(const engineio::refusal& refused) {
  return shared_frame::make(
      frame_kind::raw,
      {"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: ", refused.content_type,
       "\r\nContent-Length: ", std::to_string(refused.body.size()), "\r\n\r\n", refused.body});
}

void append(http::header_fields& to, const http::header_fields& more) {
  more.each([&](std::string_view name, std::string_view value) { to.add(name, value); });
}

}  // namespace gossamer::transport
