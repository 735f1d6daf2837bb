#include "actors/socketio/placeholders.hpp"

#include "actors/socketio/json_marks.hpp"
#include "actors/socketio/json_scan.hpp"
#include "actors/socketio/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace gossamer::socketio {
namespace {

// An open container.
struct level {
  std::size_t begin = 0;
  std::size_t found_before = 0;  // placeholders found before it: those inside come after
  bool marked = false;
  std::string_view num;
};

// The name between the quotes of a key; decoded into `buffer` where it has escapes.
std::string_view name_of_key(std::string_view raw, std::string& buffer) {
  if (raw.find('\\') == std::string_view::npos) return raw;
  buffer.clear();
  append_decoded(buffer, raw);
  return buffer;
}

// JavaScript's view of the number: `1.0` and `1e0` are 1 too.
std::optional<std::size_t> index_of(std::string_view raw) {
  if (raw.empty() || kind_at(raw.data(), raw.data() + raw.size()) != json_kind::number) return {};
  const double value = parse_json_number(raw);
  if (!(value >= 0 && value < 1e9)) return {};
  const auto index = static_cast<std::size_t>(value);
  if (static_cast<double>(index) != value) return {};
  return index;
}

class finder {
 public:
  explicit finder(std::string_view text)
      : text_(text), at_(text.data()), end_(text.data() + text.size()) {}

  std::vector<placeholder> run() {
    while (at_ != end_) step();
    return std::move(found_);
  }

 private:
  void step() {
    switch (*at_) {
      case '{':
      case '[': open_.push_back({offset(at_++), found_.size(), false, {}}); return;
      case '}':
      case ']': close(); return;
      case '"': string(); return;
      default: ++at_; return;
    }
  }

  // A string; if it is a key, the value after it is noted where it matters.
  void string() {
    const char* begin = at_ + 1;
    at_ = skip_string(at_, end_);
    const char* value = skip_space(at_, end_);
    if (value == end_ || *value != ':' || open_.empty()) return;
    const std::string_view raw(begin, static_cast<std::size_t>(at_ - begin - 1));
    const std::string_view name = name_of_key(raw, buffer_);
    if (name != "_placeholder" && name != "num") return;
    if (marks::tabs_at(at_, end_) == marks::no_placeholder.size()) return;
    value = skip_space(value + 1, end_);
    std::string_view given;
    const json_kind kind = kind_at(value, end_);
    if (kind == json_kind::number || kind == json_kind::boolean) {
      given = {value, static_cast<std::size_t>(skip_value(value, end_) - value)};
    }
    if (name == "num") {
      open_.back().num = given;
    } else {
      open_.back().marked = given == "true";
    }
  }

  void close() {
    ++at_;
    if (open_.empty()) return;
    const level done = open_.back();
    open_.pop_back();
    if (!done.marked) return;
    found_.resize(done.found_before);
    found_.push_back({done.begin, offset(at_), index_of(done.num)});
  }

  [[nodiscard]] std::size_t offset(const char* at) const {
    return static_cast<std::size_t>(at - text_.data());
  }

  std::string_view text_;
  const char* at_;
  const char* end_;
  std::vector<level> open_;
  std::vector<placeholder> found_;
  std::string buffer_;
};

}  // namespace

std::vector<placeholder> find_placeholders(std::string_view text) {
  return finder(text).run();
}

bool placeholders_in_range(std::string_view text, std::size_t attachment_count) {
  const auto found = find_placeholders(text);
  return std::all_of(found.begin(), found.end(),
                     [&](const placeholder& p) { return p.num && *p.num < attachment_count; });
}

}  // namespace gossamer::socketio
