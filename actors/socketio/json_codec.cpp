#include "actors/socketio/json_codec.hpp"

#include <charconv>
#include <cmath>

namespace gossamer {
namespace socketio {
namespace {

// Plain digits give the exact value; `1e3` and `3.0` go by way of a double.
template <class T>
bool parse_integer(std::string_view raw, T& out, double below) {
  const char* end = raw.data() + raw.size();
  const auto read = std::from_chars(raw.data(), end, out);
  if (read.ec == std::errc() && read.ptr == end) return true;
  const double value = parse_json_number(raw);
  const double lowest = static_cast<double>(std::numeric_limits<T>::min());
  if (!(value >= lowest && value < below)) return false;
  out = static_cast<T>(value);
  return true;
}

}  // namespace

bool is_integral(std::string_view raw) {
  if (raw.find_first_of(".eE") == std::string_view::npos) return true;
  const double value = parse_json_number(raw);
  return std::isfinite(value) && std::trunc(value) == value;
}

bool parse_signed(std::string_view raw, std::int64_t& out) {
  return parse_integer(raw, out, 9223372036854775808.0);
}

bool parse_unsigned(std::string_view raw, std::uint64_t& out) {
  return parse_integer(raw, out, 18446744073709551616.0);
}

bool missing(json_reader& in, std::string_view what) {
  return in.fail("expected " + std::string(what) + ", got nothing");
}

}  // namespace socketio

bool json_codec<boost::json::object>::read(json_reader& in, boost::json::object& out) {
  if (in.next() != json_kind::object) return in.expected("object");
  boost::json::value whole;
  if (!in.json(whole)) return false;
  out = std::move(whole.as_object());
  return true;
}

bool json_codec<boost::json::array>::read(json_reader& in, boost::json::array& out) {
  if (in.next() != json_kind::array) return in.expected("array");
  boost::json::value whole;
  if (!in.json(whole)) return false;
  out = std::move(whole.as_array());
  return true;
}

bool json_codec<args>::read(json_reader& in, args& out) {
  if (in.next() != json_kind::array) return in.expected("array");
  const auto outline = socketio::outline_json(in.take(), socketio::json_depth_ceiling);
  out = args(outline.items, outline.item_count, in.attachments());
  return true;
}

bool json_codec<std::nullptr_t>::read(json_reader& in, std::nullptr_t& out) {
  if (in.next() != json_kind::null) return in.expected("null");
  in.take();
  out = nullptr;
  return true;
}

}  // namespace gossamer
