// Polling payloads of revision 3 and forms of JSONP: any body is read without harm, within the
// limit of packets, and what was read is written and read again as the same.

#include "gateway/engineio/base64.hpp"
#include "gateway/engineio/jsonp.hpp"
#include "gateway/engineio/payload.hpp"
#include "gateway/engineio/utf16.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace gossamer;
using namespace gossamer::engineio;

namespace {

struct message {
  bool binary = false;
  std::string data;
  bool operator==(const message&) const = default;
};

// The messages of a payload, up to the first error.
std::vector<message> read(std::string_view body, payload_form form) {
  std::vector<message> found;
  payload_reader reader(body, form);
  std::size_t count = 0;
  while (!reader.done()) {
    const auto next = reader.next();
    if (!next) {
      GOSSAMER_CHECK(reader.done());
      break;
    }
    GOSSAMER_CHECK(++count <= limits::payload_packets_max);
    if (next->type != packet_type::message) continue;
    if (next->as == packet::form::text) {
      GOSSAMER_CHECK(is_utf8(next->data));
      found.push_back({false, std::string(next->data)});
    } else if (next->as == packet::form::binary) {
      found.push_back({true, std::string(next->data)});
    } else if (const auto raw = decode_base64(next->data)) {
      found.push_back({true, std::string(raw->view())});
    }
  }
  return found;
}

void check_round_trip(const std::vector<message>& messages, payload_form form) {
  payload_writer writer(form);
  for (const auto& one : messages) {
    if (one.binary) {
      writer.add(shared_frame::make(frame_kind::binary, {one.data}));
    } else {
      writer.add(shared_frame::make(frame_kind::text, {"4", one.data}));
    }
  }
  if (!messages.empty()) GOSSAMER_CHECK(read(writer.take(), form) == messages);
}

void check_utf16(std::string_view text) {
  const std::size_t units = utf16_size(text);
  GOSSAMER_CHECK(utf16_prefix(text, units) == text.size());
  GOSSAMER_CHECK(!utf16_prefix(text, units + 1));
  const auto half = utf16_prefix(text, units / 2);
  if (half) GOSSAMER_CHECK(utf16_size(text.substr(0, *half)) == units / 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const std::string text = repaired_utf8(body);
  check_utf16(text);
  for (const auto& messages :
       {read(text, payload_form::counted), read(body, payload_form::binary)}) {
    check_round_trip(messages, payload_form::counted);
    check_round_trip(messages, payload_form::binary);
  }
  if (const auto field = jsonp_body(text)) {
    GOSSAMER_CHECK(is_utf8(*field));
    static_cast<void>(read(*field, payload_form::counted));
  }
  const std::string script = jsonp_answer(text, text);
  GOSSAMER_CHECK(script.starts_with("___eio[") && script.ends_with("\");"));
  GOSSAMER_CHECK(script.find('\n') == std::string::npos);
  GOSSAMER_CHECK(script.find("\xe2\x80\xa8") == std::string::npos);
  return 0;
}
