#include "actors/socketio/json_scan.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace gossamer {

std::string_view name_of(json_kind kind) {
  switch (kind) {
    case json_kind::none: return "nothing";
    case json_kind::null: return "null";
    case json_kind::boolean: return "boolean";
    case json_kind::number: return "number";
    case json_kind::string: return "string";
    case json_kind::array: return "array";
    case json_kind::object: return "object";
  }
  return "nothing";
}

namespace socketio {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The first byte that is a quote, a backslash or a control character; eight bytes a step.
const char* find_special(const char* at, const char* end) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t highs = 0x8080808080808080U;
  while (end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    const auto zero_byte = [](std::uint64_t x) { return (x - ones) & ~x & highs; };
    const std::uint64_t found = zero_byte(word ^ (ones * '"')) | zero_byte(word ^ (ones * '\\')) |
                                ((word - ones * 0x20U) & ~word & highs);
    if (found != 0) break;
    at += 8;
  }
  while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

// One bit for each open container: object or array.
class nesting {
 public:
  explicit nesting(std::size_t depth_max) : max_(std::min(depth_max, json_depth_ceiling)) {}
  [[nodiscard]] std::size_t depth() const { return depth_; }
  [[nodiscard]] bool in_object() const {
    return ((words_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64)) & 1U) != 0;
  }
  bool push(bool object) {
    if (depth_ == max_) return false;
    auto& word = words_[depth_ / 64];
    const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
    word = object ? word | bit : word & ~bit;
    ++depth_;
    return true;
  }
  void pop() { --depth_; }

 private:
  std::size_t max_;
  std::size_t depth_ = 0;
  std::uint64_t words_[json_depth_ceiling / 64];  // NOLINT: written before it is read
};

class checker {
 public:
  checker(std::string_view text, std::size_t depth_max)
      : at_(text.data()), end_(text.data() + text.size()), open_(depth_max) {}
  json_outline run();

 private:
  enum class opened : std::uint8_t { refused, empty, entered };
  bool value();
  opened open(bool object);
  bool key();
  bool after_value(bool& done);
  bool scalar();
  bool string();
  bool escape();
  bool number();
  bool digits();
  bool word(std::string_view expected);
  void space() { at_ = skip_space(at_, end_); }
  [[nodiscard]] bool next_is(char c) const { return at_ != end_ && *at_ == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }
  void item_begins();
  void item_ends();

  const char* at_;
  const char* end_;
  nesting open_;
  std::size_t item_count_ = 0;
  const char* first_begin_ = nullptr;
  const char* first_end_ = nullptr;
  const char* second_begin_ = nullptr;
  const char* last_end_ = nullptr;
  bool top_is_array_ = false;
};

void checker::item_begins() {
  ++item_count_;
  if (item_count_ == 1) first_begin_ = at_;
  if (item_count_ == 2) second_begin_ = at_;
}

void checker::item_ends() {
  last_end_ = at_;
  if (item_count_ == 1) first_end_ = at_;
}

bool checker::word(std::string_view expected) {
  if (static_cast<std::size_t>(end_ - at_) < expected.size()) return false;
  if (std::memcmp(at_, expected.data(), expected.size()) != 0) return false;
  at_ += expected.size();
  return true;
}

bool checker::digits() {
  const char* begin = at_;
  while (at_ != end_ && is_digit(*at_)) ++at_;
  return at_ != begin;
}

bool checker::number() {
  take('-');
  if (!take('0') && !digits()) return false;
  if (take('.') && !digits()) return false;
  if (next_is('e') || next_is('E')) {
    ++at_;
    if (!take('+')) take('-');
    return digits();
  }
  return true;
}

bool checker::escape() {
  if (at_ == end_) return false;
  const char c = *at_++;
  if (c != 'u') return c != '\0' && std::strchr("\"\\/bfnrt", c) != nullptr;
  if (end_ - at_ < 4 || !std::all_of(at_, at_ + 4, is_hex)) return false;
  at_ += 4;
  return true;
}

bool checker::string() {
  if (!take('"')) return false;
  for (;;) {
    at_ = find_special(at_, end_);
    if (take('"')) return true;
    if (!take('\\') || !escape()) return false;
  }
}

bool checker::scalar() {
  if (at_ == end_) return false;
  switch (*at_) {
    case '"': return string();
    case 't': return word("true");
    case 'f': return word("false");
    case 'n': return word("null");
    default: return number();
  }
}

bool checker::key() {
  space();
  if (!string()) return false;
  space();
  return take(':');
}

// Opens a container and goes to its first value, or behind an empty one.
checker::opened checker::open(bool object) {
  ++at_;
  if (!open_.push(object)) return opened::refused;
  space();
  if (take(object ? '}' : ']')) {
    open_.pop();
    return opened::empty;
  }
  return !object || key() ? opened::entered : opened::refused;
}

// One value with everything inside it.
bool checker::value() {
  for (bool done = false; !done;) {
    space();
    if (at_ == end_) return false;
    const bool object = *at_ == '{';
    const bool array = *at_ == '[';
    if (open_.depth() == 0) top_is_array_ = array;
    if (open_.depth() == 1 && top_is_array_) item_begins();
    if (object || array) {
      const opened found = open(object);
      if (found == opened::refused) return false;
      if (found == opened::entered) continue;
    } else if (!scalar()) {
      return false;
    }
    if (!after_value(done)) return false;
  }
  return true;
}

// Closes what ends here and goes to the next value; `done` after the outermost one.
bool checker::after_value(bool& done) {
  for (;;) {
    if (open_.depth() == 0) {
      done = true;
      return true;
    }
    if (open_.depth() == 1 && top_is_array_) item_ends();
    space();
    const bool object = open_.in_object();
    if (take(',')) return !object || key();
    if (!take(object ? '}' : ']')) return false;
    open_.pop();
  }
}

json_outline checker::run() {
  json_outline found;
  space();
  const json_kind kind = kind_at(at_, end_);
  if (kind == json_kind::none || !value()) return found;
  space();
  if (at_ != end_) return found;
  found.kind = kind;
  if (kind != json_kind::array || item_count_ == 0) return found;
  const auto between = [](const char* from, const char* to) {
    return std::string_view(from, static_cast<std::size_t>(to - from));
  };
  found.item_count = item_count_;
  found.first = between(first_begin_, first_end_);
  // Tabs behind the last item may say more about it (json_marks.hpp); the bracket comes after them.
  while (*last_end_ == '\t') ++last_end_;
  found.items = between(first_begin_, last_end_);
  if (second_begin_ != nullptr) found.rest = between(second_begin_, last_end_);
  return found;
}

}  // namespace

json_outline outline_json(std::string_view text, std::size_t depth_max) {
  return checker(text, depth_max).run();
}

json_kind kind_at(const char* at, const char* end) {
  if (at == end) return json_kind::none;
  switch (*at) {
    case '{': return json_kind::object;
    case '[': return json_kind::array;
    case '"': return json_kind::string;
    case 't':
    case 'f': return json_kind::boolean;
    case 'n': return json_kind::null;
    default: return *at == '-' || is_digit(*at) ? json_kind::number : json_kind::none;
  }
}

const char* skip_space(const char* at, const char* end) {
  while (at != end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) ++at;
  return at;
}

const char* skip_string(const char* at, const char* end) {
  if (at != end) ++at;
  while (at != end) {
    at = find_special(at, end);
    if (at == end) break;
    if (*at == '"') return at + 1;
    at += *at == '\\' && end - at > 1 ? 2 : 1;
  }
  return at;
}

const char* skip_value(const char* at, const char* end) {
  std::size_t depth = 0;
  at = skip_space(at, end);
  while (at != end) {
    if (*at == '"') {
      at = skip_string(at, end);
    } else if (*at == '{' || *at == '[') {
      ++depth;
      ++at;
      continue;
    } else if (*at == '}' || *at == ']') {
      if (depth == 0) return at;
      --depth;
      ++at;
    } else if (depth == 0) {
      return std::find_if(at, end, [](char c) {
        return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\n' || c == '\t' || c == '\r';
      });
    } else {
      ++at;
      continue;
    }
    if (depth == 0) return at;
  }
  return at;
}

}  // namespace socketio
}  // namespace gossamer
