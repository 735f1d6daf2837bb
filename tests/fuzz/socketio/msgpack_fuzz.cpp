// Fuzzes the msgpack decoder, then encodes and converts what came out.
#include "actors/socketio/encode.hpp"
#include "actors/socketio/json_codec.hpp"
#include "actors/socketio/msgpack_decode.hpp"
#include "actors/socketio/msgpack_encode.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace {

using namespace gossamer;
using namespace gossamer::socketio;

std::string encoded(const incoming_packet& p) {
  std::string out;
  encode_msgpack({p.type, p.nsp, p.id, p.json, p.attachments}, out);
  return out;
}

void convert(const packet& p) {
  using any = std::variant<bool, std::int8_t, double, std::string, bytes, std::vector<std::string>,
                           std::map<std::string, boost::json::value>, boost::json::value>;
  for (std::size_t i = 0; i < p.args.size(); ++i) {
    GOSSAMER_CHECK(!p.args.raw(i).empty());
    if (const auto got = p.args.get<any>(i)) static_cast<void>(to_json(*got));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string message(reinterpret_cast<const char*>(data), size);  // overruns are seen
  const auto got = decode_msgpack(message);
  if (!got) return 0;
  // 34 bytes of text for an empty binary, 24 for a float of 5 bytes, 6 for a byte of text.
  GOSSAMER_CHECK(got->json.size() <= 40 * size);
  GOSSAMER_CHECK(got->json.empty() ||
                 outline_json(got->json, limits::json_depth_max).kind != json_kind::none);
  const auto whole = checked(*got);
  if (whole) convert(*whole);
  // From the second time on nothing changes any more.
  const auto once = decode_msgpack(encoded(*got));
  GOSSAMER_CHECK(once.has_value());
  const auto twice = decode_msgpack(encoded(*once));
  GOSSAMER_CHECK(twice.has_value());
  GOSSAMER_CHECK(twice->json == once->json);
  GOSSAMER_CHECK(twice->attachments == once->attachments);
  GOSSAMER_CHECK(checked(*once).has_value() == whole.has_value());
  return 0;
}
