// Writes JSON text straight into a buffer, with binary values beside it as attachments.
//
// Commas come by themselves. Text is escaped as JSON.stringify does, numbers are written in full,
// NaN and infinities as null, `bytes` as `{"_placeholder":true,"num":i}`, numbered in order.
#pragma once

#include "actors/socketio/args.hpp"
#include "actors/socketio/json_text.hpp"
#include "runtime/base/bytes.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gossamer {

/// How T is read from and written as JSON; see json_codec.hpp.
template <class T>
struct json_codec;

class json_writer {
 public:
  /// Appends to both; they outlive the writer.
  json_writer(std::string& text, std::vector<bytes>& attachments)
      : text_(text), attachments_(attachments) {}

  /// Any type with a codec.
  template <class T>
  void value(const T& given) {
    json_codec<T>::write(*this, given);
  }
  /// As an item of an argument list: `args` give all their items, everything else is one value.
  /// Returns how many items it made.
  template <class T>
  std::size_t item(const T& given);

  void null() { scalar("null"); }
  void boolean(bool given) { scalar(given ? "true" : "false"); }
  void integer(std::int64_t given);
  void unsigned_integer(std::uint64_t given);
  void number(double given);
  void number(float given);
  void string(std::string_view given);
  void binary(const bytes& given);
  /// A JSON text that is valid and names no attachments.
  void raw(std::string_view json) { scalar(json); }
  void json(const boost::json::value& given);
  /// The items of `given`, their placeholders renumbered for this writer's attachments.
  void splice(const args_view& given);

  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void key(std::string_view name);

 private:
  void separate() {
    if (comma_) text_ += ',';
    comma_ = true;
  }
  void scalar(std::string_view json) {
    separate();
    text_ += json;
  }
  void open(char bracket) {
    separate();
    text_ += bracket;
    comma_ = false;
  }
  void close(char bracket) {
    text_ += bracket;
    comma_ = true;
  }
  void placeholder(std::size_t number);

  std::string& text_;
  std::vector<bytes>& attachments_;
  bool comma_ = false;
};

template <class T>
std::size_t json_writer::item(const T& given) {
  if constexpr (std::is_same_v<T, args> || std::is_same_v<T, args_view>) {
    splice(given);
    return given.size();
  } else {
    value(given);
    return 1;
  }
}

/// Makes `args` of C++ values, one after the other.
class args_builder {
 public:
  template <class T>
  args_builder& add(const T& given) {
    count_ += writer_.item(given);
    return *this;
  }
  [[nodiscard]] args build() const { return {text_, count_, attachments_}; }

  args_builder() = default;
  args_builder(const args_builder&) = delete;
  args_builder& operator=(const args_builder&) = delete;

 private:
  std::string text_;
  std::vector<bytes> attachments_;
  std::size_t count_ = 0;
  json_writer writer_{text_, attachments_};
};

/// `make_args(1, "two", three)`.
template <class... Ts>
[[nodiscard]] args make_args(const Ts&... values) {
  args_builder builder;
  (builder.add(values), ...);
  return builder.build();
}

}  // namespace gossamer
