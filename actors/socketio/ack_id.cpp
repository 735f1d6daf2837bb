#include "actors/socketio/ack_id.hpp"

#include "actors/socketio/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace gossamer::socketio {
namespace {

constexpr double exact_max = 9007199254740992.0;  // 2^53

}  // namespace

ack_id ack_id::parse(std::string_view digits) {
  ack_id id;
  id.value_ = parse_json_number(digits);
  return id;
}

std::optional<std::uint64_t> ack_id::exact() const {
  if (!(value_ >= 0 && value_ <= exact_max)) return {};
  return static_cast<std::uint64_t>(value_);
}

void ack_id::append_to(std::string& out) const {
  const auto small = exact();
  if (!small) return append_js_number(out, value_);
  std::array<char, 24> buffer{};
  const auto made = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *small);
  out.append(buffer.data(), made.ptr);
}

std::string ack_id::text() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace gossamer::socketio
