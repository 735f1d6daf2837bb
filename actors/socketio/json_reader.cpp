#include "actors/socketio/json_reader.hpp"

#include "actors/socketio/json_text.hpp"
#include "actors/socketio/placeholders.hpp"

#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace gossamer {
namespace {

constexpr std::size_t path_name_bytes_max = 64;

std::string_view content(std::string_view quoted) {
  return quoted.size() < 2 ? std::string_view() : quoted.substr(1, quoted.size() - 2);
}

void push_number(boost::json::value_stack& stack, std::string_view raw) {
  const char* end = raw.data() + raw.size();
  std::int64_t integer = 0;
  if (const auto read = std::from_chars(raw.data(), end, integer);
      read.ec == std::errc() && read.ptr == end) {
    return stack.push_int64(integer);
  }
  std::uint64_t large = 0;
  if (const auto read = std::from_chars(raw.data(), end, large);
      read.ec == std::errc() && read.ptr == end) {
    return stack.push_uint64(large);
  }
  stack.push_double(socketio::parse_json_number(raw));
}

// Builds a tree from valid text with a list of open containers instead of recursion.
class tree_builder {
 public:
  explicit tree_builder(std::string_view text)
      : at_(text.data()), end_(text.data() + text.size()) {}

  boost::json::value run() {
    stack_.reset();
    for (bool done = false; !done;) {
      at_ = socketio::skip_space(at_, end_);
      if (at_ == end_) break;
      step();
      done = open_.empty() && values_ != 0;
    }
    if (!open_.empty() || values_ == 0) return nullptr;
    return stack_.release();
  }

 private:
  struct level {
    bool object = false;
    std::size_t count = 0;
  };

  void step() {
    const char c = *at_;
    if (c == '{' || c == '[') {
      open_.push_back({c == '{', 0});
      ++at_;
    } else if (c == '}' || c == ']') {
      close();
    } else if (c == ',' || c == ':') {
      ++at_;
    } else {
      scalar();
    }
  }

  void close() {
    ++at_;
    if (open_.empty()) return;
    const level done = open_.back();
    open_.pop_back();
    if (done.object) {
      stack_.push_object(done.count);
    } else {
      stack_.push_array(done.count);
    }
    pushed();
  }

  void pushed() {
    ++values_;
    if (!open_.empty()) ++open_.back().count;
  }

  void scalar() {
    const json_kind kind = socketio::kind_at(at_, end_);
    const char* begin = at_;
    at_ = std::max(socketio::skip_value(at_, end_), begin + 1);
    const std::string_view raw(begin, static_cast<std::size_t>(at_ - begin));
    if (kind == json_kind::string) {
      const char* after = socketio::skip_space(at_, end_);
      buffer_.clear();
      socketio::append_decoded(buffer_, content(raw));
      const bool key = after != end_ && *after == ':' && !open_.empty();
      if (key) return stack_.push_key({buffer_.data(), buffer_.size()});
      stack_.push_string({buffer_.data(), buffer_.size()});
    } else if (kind == json_kind::number) {
      push_number(stack_, raw);
    } else if (kind == json_kind::boolean) {
      stack_.push_bool(raw == "true");
    } else {
      stack_.push_null();
    }
    pushed();
  }

  const char* at_;
  const char* end_;
  boost::json::value_stack stack_;
  std::vector<level> open_;
  std::size_t values_ = 0;
  std::string buffer_;
};

}  // namespace

void throw_exception_from_error(const conversion_error& error, const boost::source_location&) {
  throw std::invalid_argument(error.message());
}

boost::json::value to_json_value(std::string_view text) {
  return tree_builder(text).run();
}

json_kind json_reader::next() {
  at_ = socketio::skip_space(at_, end_);
  if (at_ != end_ && *at_ == ',') at_ = socketio::skip_space(at_ + 1, end_);
  return socketio::kind_at(at_, end_);
}

std::string_view json_reader::take() {
  next();
  const char* begin = at_;
  at_ = socketio::skip_value(at_, end_);
  return {begin, static_cast<std::size_t>(at_ - begin)};
}

bool json_reader::boolean(bool& out) {
  if (next() != json_kind::boolean) return expected("boolean");
  out = take() == "true";
  return true;
}

bool json_reader::number(std::string_view& raw, std::string_view what) {
  if (next() != json_kind::number) return expected(what);
  raw = take();
  return true;
}

bool json_reader::string(std::string& out, std::string_view what) {
  if (next() != json_kind::string) return expected(what);
  out.clear();
  socketio::append_decoded(out, content(take()));
  return true;
}

bool json_reader::binary(bytes& out) {
  if (next() != json_kind::object) return expected("binary");
  const mark before = position();
  const std::string_view raw = take();
  const auto found = socketio::find_placeholders(raw);
  if (found.size() != 1 || found[0].begin != 0 || !found[0].num ||
      *found[0].num >= attachments_.size()) {
    at_ = before;
    return expected("binary");
  }
  out = attachments_[*found[0].num];
  return true;
}

bool json_reader::json(boost::json::value& out) {
  if (next() == json_kind::none) return expected("value");
  out = to_json_value(take());
  return true;
}

bool json_reader::expected(std::string_view what) {
  std::string problem = "expected ";
  problem += what;
  problem += ", got ";
  problem += name_of(next());
  return fail(std::move(problem));
}

bool json_reader::fail(std::string problem) {
  error_ = conversion_error({}, std::move(problem));
  return false;
}

bool json_reader::inside_item(std::size_t index) {
  error_.path.insert(0, "[" + std::to_string(index) + "]");
  return false;
}

// Names of members may come from a client: only short printable ones are repeated.
bool json_reader::inside_member(std::string_view name) {
  const bool fit = name.size() <= path_name_bytes_max && is_plain_json(name);
  error_.path.insert(0, fit ? "." + std::string(name) : ".?");
  return false;
}

bool json_reader::open(char bracket) {
  if (at_ == end_ || *at_ != bracket) return false;
  ++at_;
  return true;
}

bool json_reader::more(char closing) {
  if (next() == json_kind::none) {
    if (at_ != end_ && *at_ == closing) ++at_;
    return false;
  }
  return true;
}

bool json_reader::take_key(std::string& key) {
  if (!string(key, "name")) return false;
  at_ = socketio::skip_space(at_, end_);
  if (at_ != end_ && *at_ == ':') ++at_;
  return true;
}

}  // namespace gossamer
