#include "actors/socketio/json_writer.hpp"

#include "actors/socketio/placeholders.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace gossamer {
namespace {

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> buffer{};
  const auto made = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), made.ptr);
}

}  // namespace

void json_writer::integer(std::int64_t given) {
  separate();
  append_number(text_, given);
}

void json_writer::unsigned_integer(std::uint64_t given) {
  separate();
  append_number(text_, given);
}

void json_writer::number(double given) {
  separate();
  socketio::append_json_number(text_, given);
}

// The shortest digits that give the same float: 0.1F is `0.1`, not `0.10000000149011612`.
void json_writer::number(float given) {
  if (!std::isfinite(given)) return null();
  separate();
  append_number(text_, given);
}

void json_writer::string(std::string_view given) {
  separate();
  append_json_string(text_, given);
}

void json_writer::key(std::string_view name) {
  string(name);
  text_ += ':';
  comma_ = false;
}

void json_writer::binary(const bytes& given) {
  separate();
  placeholder(attachments_.size());
  attachments_.push_back(given);
}

void json_writer::placeholder(std::size_t number) {
  text_ += R"({"_placeholder":true,"num":)";
  append_number(text_, number);
  text_ += '}';
}

void json_writer::json(const boost::json::value& given) {
  switch (given.kind()) {
    case boost::json::kind::null: return null();
    case boost::json::kind::bool_: return boolean(given.get_bool());
    case boost::json::kind::int64: return integer(given.get_int64());
    case boost::json::kind::uint64: return unsigned_integer(given.get_uint64());
    case boost::json::kind::double_: return number(given.get_double());
    case boost::json::kind::string:
      return string({given.get_string().data(), given.get_string().size()});
    case boost::json::kind::array:
      begin_array();
      for (const auto& item : given.get_array()) json(item);
      return end_array();
    case boost::json::kind::object:
      begin_object();
      for (const auto& member : given.get_object()) {
        key({member.key().data(), member.key().size()});
        json(member.value());
      }
      return end_object();
  }
}

void json_writer::splice(const args_view& given) {
  if (given.empty()) return;
  separate();
  const auto attachments = given.attachments();
  std::string_view items = given.items();
  if (!attachments.empty()) {
    // Two placeholders of one attachment stay two of one: what comes out is never larger.
    std::vector<std::optional<std::size_t>> renumbered(attachments.size());
    std::size_t done = 0;
    for (const auto& found : socketio::find_placeholders(items)) {
      if (!found.num || *found.num >= attachments.size()) continue;
      auto& number = renumbered[*found.num];
      if (!number) {
        number = attachments_.size();
        attachments_.push_back(attachments[*found.num]);
      }
      text_ += items.substr(done, found.begin - done);
      placeholder(*number);
      done = found.end;
    }
    items.remove_prefix(done);
  }
  text_ += items;
}

}  // namespace gossamer
