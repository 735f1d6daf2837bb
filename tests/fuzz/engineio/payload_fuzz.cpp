// Polling payloads: any body is read without harm, within the limit of packets; what decodes as
// base64 or repairs as UTF-8 survives a round trip.

#include "gateway/engineio/base64.hpp"
#include "gateway/engineio/payload.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

using namespace gossamer;
using namespace gossamer::engineio;

namespace {

void check_base64(std::string_view text) {
  const auto raw = decode_base64(text);
  if (!raw) return;
  std::string again;
  append_base64(again, raw->view());
  const auto second = decode_base64(again);
  GOSSAMER_CHECK(second && *second == *raw);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  payload_reader reader(body);
  payload_writer writer;
  std::size_t count = 0;
  bool broken = false;
  while (!reader.done()) {
    const auto next = reader.next();
    if (!next) {
      broken = true;
      GOSSAMER_CHECK(reader.done());
      break;
    }
    ++count;
    if (next->as == packet::form::base64) check_base64(next->data);
    if (next->as == packet::form::text) writer.add(next->type, next->data);
  }
  GOSSAMER_CHECK(count <= limits::payload_packets_max);
  if (!broken && body.find('b') == std::string_view::npos) GOSSAMER_CHECK(writer.take() == body);
  GOSSAMER_CHECK(is_utf8(repaired_utf8(body)));
  return 0;
}
