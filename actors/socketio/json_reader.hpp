// Reads C++ values from valid JSON text, one after the other, without a tree in between.
//
// Each read takes the next value. A read that returns false has noted why; the callers up the line
// add where, so that the error names the path: `[0].quantity: expected integer, got string`.
#pragma once

#include "actors/socketio/conversion_error.hpp"
#include "actors/socketio/json_scan.hpp"
#include "runtime/base/bytes.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace gossamer {

template <class T>
struct json_codec;

class json_reader {
 public:
  /// `text` must be valid (outline_json); empty text reads as nothing.
  explicit json_reader(std::string_view text, std::span<const bytes> attachments = {})
      : at_(text.data()), end_(text.data() + text.size()), attachments_(attachments) {}

  /// The kind of the next value, `none` where there is no more.
  json_kind next();
  /// Takes the next value, whatever it is, and returns its text.
  std::string_view take();

  /// Any type with a codec.
  template <class T>
  bool value(T& out) {
    return json_codec<T>::read(*this, out);
  }
  bool boolean(bool& out);
  /// The text of a number.
  bool number(std::string_view& raw, std::string_view expected = "number");
  bool string(std::string& out, std::string_view expected = "string");
  bool binary(bytes& out);
  bool json(boost::json::value& out);
  /// Calls `read(index)` for each item; it must take the item or return false.
  template <class F>
  bool each_item(F&& read, std::string_view expected = "array");
  /// Calls `read(key)` for each member; it must take the value or return false.
  template <class F>
  bool each_member(F&& read, std::string_view expected = "object");

  /// Notes `expected X, got Y` and returns false. Y is the kind of the next value.
  bool expected(std::string_view what);
  /// Notes any other problem and returns false.
  bool fail(std::string problem);
  /// Says that what failed lies at this index or member; returns false.
  bool inside_item(std::size_t index);
  bool inside_member(std::string_view name);
  [[nodiscard]] conversion_error take_error() { return std::move(error_); }

  /// For trying one type after the other.
  using mark = const char*;
  [[nodiscard]] mark position() const { return at_; }
  void rewind(mark position) {
    at_ = position;
    error_ = {};
  }
  [[nodiscard]] std::span<const bytes> attachments() const { return attachments_; }

 private:
  bool open(char bracket);
  bool more(char closing);
  bool take_key(std::string& key);

  const char* at_;
  const char* end_;
  std::span<const bytes> attachments_;
  conversion_error error_;
};

template <class F>
bool json_reader::each_item(F&& read, std::string_view what) {
  if (next() != json_kind::array) return expected(what);
  open('[');
  for (std::size_t index = 0; more(']'); ++index) {
    if (!read(index)) return inside_item(index);
  }
  return true;
}

template <class F>
bool json_reader::each_member(F&& read, std::string_view what) {
  if (next() != json_kind::object) return expected(what);
  open('{');
  std::string key;
  while (more('}')) {
    if (!take_key(key)) return false;
    if (!read(std::string_view(key))) return inside_member(key);
  }
  return true;
}

/// A valid JSON text as a Boost.JSON value, unpaired surrogates and huge exponents included.
[[nodiscard]] boost::json::value to_json_value(std::string_view text);

}  // namespace gossamer
