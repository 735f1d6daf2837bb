// Fuzzes the decoder with interleaved text and binary messages, then converts what came out.
//
// Input: messages one after the other, each one byte kind (`t` text, else binary), then bytes up to
// a newline.
#include "actors/socketio/decoder.hpp"
#include "actors/socketio/encode.hpp"
#include "actors/socketio/json_codec.hpp"
#include "runtime/base/check.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

namespace {

using namespace gossamer;
using namespace gossamer::socketio;

enum class color { red, green };
BOOST_DESCRIBE_ENUM(color, red, green)

struct shape {
  color c = color::red;
  std::int8_t small = 0;
  std::optional<double> area;
  std::vector<shape> parts;
  std::map<std::string, std::variant<bool, std::string, bytes, boost::json::value>> extra;
};
BOOST_DESCRIBE_STRUCT(shape, (), (c, small, area, parts, extra))

void convert(const packet& p) {
  for (std::size_t i = 0; i < p.args.size(); ++i) {
    GOSSAMER_CHECK(!p.args.raw(i).empty());
    if (const auto got = p.args.get<shape>(i)) static_cast<void>(to_json(*got));
    static_cast<void>(p.args.get<bytes>(i));
    static_cast<void>(p.args.get<std::uint64_t>(i));
    std::string text;
    std::vector<bytes> none;
    json_writer(text, none).json(p.args.at(i));
    GOSSAMER_CHECK(outline_json(text, json_depth_ceiling).kind != json_kind::none);
  }
}

// What the encoder makes of a packet must decode to the same packet.
void relay(const packet& p) {
  if (p.type != packet_type::event || !p.has_name) return;
  if (p.id && !p.id->exact()) return;  // printed with an exponent perhaps, which is no id
  const auto set = encode_event(p.nsp, p.id, p.name(), make_args(p.args));
  GOSSAMER_CHECK(set.has_value());
  decoder again;
  auto got = again.on_text(set->frames()[0].payload().substr(1));
  for (const auto& frame : set->frames().subspan(1)) {
    GOSSAMER_CHECK(got.has_value() && !*got);
    got = again.on_binary(bytes(frame.payload()));
  }
  if (!got) {  // bytes that are no UTF-8 are replaced by longer ones
    GOSSAMER_CHECK(got.error() == errc::event_name_too_long);
    return;
  }
  GOSSAMER_CHECK(got->has_value());
  GOSSAMER_CHECK((*got)->args.size() == p.args.size());
  GOSSAMER_CHECK((*got)->nsp == p.nsp);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  decoder d;
  while (!rest.empty()) {
    const bool text = rest.front() == 't';
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string message(rest.substr(0, end));  // a copy, so that overruns are seen
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto got = text ? d.on_text(message) : d.on_binary(bytes(message));
    if (!got) {
      GOSSAMER_CHECK(!d.pending());
      continue;
    }
    if (!*got) continue;
    convert(**got);
    relay(**got);
  }
  return 0;
}
