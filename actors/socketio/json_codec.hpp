// How C++ types are read from and written as JSON.
//
// Known: bool, integers (range-checked), floating point, std::string, std::optional (absent or null
// fine), vector, array, map and unordered_map with string keys, tuple, pair, variant (the first
// alternative that fits), boost::json::value, bytes (an attachment), args, nullptr; described
// structs and enums (json_described.hpp). Only written: std::string_view, character arrays,
// `const char*`, args_view. Anything else, durations among them, does not compile: specialise
// `json_codec` for your own types:
//
//     template <> struct gossamer::json_codec<price> {
//       static std::string expects() { return "price"; }
//       static bool read(json_reader& in, price& out);            // false after in.expected(...)
//       static void write(json_writer& out, const price& given);  // exactly one value
//     };
#pragma once

#include "actors/socketio/args.hpp"
#include "actors/socketio/conversion_error.hpp"
#include "actors/socketio/json_reader.hpp"
#include "actors/socketio/json_writer.hpp"
#include "runtime/base/bytes.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace gossamer {

namespace socketio {

template <class T>
concept json_integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                       !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                       !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

/// A JSON number as an integer: `3`, `3.0` and `3e0` are; false for others.
[[nodiscard]] bool parse_signed(std::string_view raw, std::int64_t& out);
[[nodiscard]] bool parse_unsigned(std::string_view raw, std::uint64_t& out);
[[nodiscard]] bool is_integral(std::string_view raw);

/// Notes that `what` is missing.
bool missing(json_reader& in, std::string_view what);

}  // namespace socketio

/// Reads one value from any JSON text; what follows it is an error.
template <class T>
[[nodiscard]] converted<T> from_json(std::string_view text,
                                     std::span<const bytes> attachments = {});
/// Writes one value; binaries go to `attachments`.
template <class T>
[[nodiscard]] std::string to_json(const T& value, std::vector<bytes>* attachments = nullptr);

template <>
struct json_codec<bool> {
  static std::string expects() { return "boolean"; }
  static bool read(json_reader& in, bool& out) { return in.boolean(out); }
  static void write(json_writer& out, bool given) { out.boolean(given); }
};

template <socketio::json_integer T>
struct json_codec<T> {
  static std::string expects() { return "integer"; }
  static bool read(json_reader& in, T& out) {
    std::string_view raw;
    if (!in.number(raw, "integer")) return false;
    if (!socketio::is_integral(raw)) return in.fail("expected integer, got fraction");
    std::conditional_t<std::signed_integral<T>, std::int64_t, std::uint64_t> wide = 0;
    bool fits = false;
    if constexpr (std::signed_integral<T>) {
      fits = socketio::parse_signed(raw, wide);
    } else {
      fits = socketio::parse_unsigned(raw, wide);
    }
    if (!fits || !std::in_range<T>(wide)) return in.fail(range_problem());
    out = static_cast<T>(wide);
    return true;
  }
  static void write(json_writer& out, T given) {
    if constexpr (std::signed_integral<T>) {
      out.integer(given);
    } else {
      out.unsigned_integer(given);
    }
  }

 private:
  static std::string range_problem() {
    using limits = std::numeric_limits<T>;
    return "expected integer from " + std::to_string(limits::min()) + " to " +
           std::to_string(limits::max()) + ", got another number";
  }
};

template <std::floating_point T>
struct json_codec<T> {
  static std::string expects() { return "number"; }
  static bool read(json_reader& in, T& out) {
    std::string_view raw;
    if (!in.number(raw)) return false;
    out = static_cast<T>(socketio::parse_json_number(raw));
    return true;
  }
  static void write(json_writer& out, T given) {
    if constexpr (std::same_as<T, float>) {
      out.number(given);
    } else {
      out.number(static_cast<double>(given));
    }
  }
};

template <>
struct json_codec<std::string> {
  static std::string expects() { return "string"; }
  static bool read(json_reader& in, std::string& out) { return in.string(out); }
  static void write(json_writer& out, const std::string& given) { out.string(given); }
};

template <>
struct json_codec<std::string_view> {
  static void write(json_writer& out, std::string_view given) { out.string(given); }
};
template <>
struct json_codec<const char*> : json_codec<std::string_view> {};
template <>
struct json_codec<char*> : json_codec<std::string_view> {};
template <std::size_t N>
struct json_codec<char[N]> : json_codec<std::string_view> {};

template <>
struct json_codec<bytes> {
  static std::string expects() { return "binary"; }
  static bool read(json_reader& in, bytes& out) { return in.binary(out); }
  static void write(json_writer& out, const bytes& given) { out.binary(given); }
};

template <>
struct json_codec<boost::json::value> {
  static std::string expects() { return "value"; }
  static bool read(json_reader& in, boost::json::value& out) { return in.json(out); }
  static void write(json_writer& out, const boost::json::value& given) { out.json(given); }
};
template <>
struct json_codec<boost::json::object> {
  static std::string expects() { return "object"; }
  static bool read(json_reader& in, boost::json::object& out);
  static void write(json_writer& out, const boost::json::object& given) {
    out.json(boost::json::value(given));
  }
};
template <>
struct json_codec<boost::json::array> {
  static std::string expects() { return "array"; }
  static bool read(json_reader& in, boost::json::array& out);
  static void write(json_writer& out, const boost::json::array& given) {
    out.json(boost::json::value(given));
  }
};

/// Inside a value `args` is an array; as an item of an argument list it is spliced in instead.
template <>
struct json_codec<args_view> {
  static void write(json_writer& out, const args_view& given) {
    out.begin_array();
    out.splice(given);
    out.end_array();
  }
};
template <>
struct json_codec<args> {
  static std::string expects() { return "array"; }
  static bool read(json_reader& in, args& out);
  static void write(json_writer& out, const args& given) {
    json_codec<args_view>::write(out, given.view());
  }
};

template <>
struct json_codec<std::nullptr_t> {
  static std::string expects() { return "null"; }
  static bool read(json_reader& in, std::nullptr_t& out);
  static void write(json_writer& out, std::nullptr_t) { out.null(); }
};
template <>
struct json_codec<std::monostate> {
  static std::string expects() { return "null"; }
  static bool read(json_reader& in, std::monostate&) {
    std::nullptr_t none = nullptr;
    return json_codec<std::nullptr_t>::read(in, none);
  }
  static void write(json_writer& out, std::monostate) { out.null(); }
};

template <class T>
struct json_codec<std::optional<T>> {
  static std::string expects() { return json_codec<T>::expects() + " or null"; }
  static bool read(json_reader& in, std::optional<T>& out) {
    out.reset();
    if (in.next() == json_kind::none) return true;
    if (in.next() == json_kind::null) {
      in.take();
      return true;
    }
    return in.value(out.emplace());
  }
  static void write(json_writer& out, const std::optional<T>& given) {
    if (!given) return out.null();
    out.value(*given);
  }
};

}  // namespace gossamer

#include "actors/socketio/json_containers.hpp"  // IWYU pragma: export
#include "actors/socketio/json_described.hpp"   // IWYU pragma: export

namespace gossamer {

template <class T>
converted<T> from_json(std::string_view text, std::span<const bytes> attachments) {
  if (socketio::outline_json(text, socketio::json_depth_ceiling).kind == json_kind::none) {
    return conversion_error({}, "expected JSON, got something else");
  }
  json_reader in(text, attachments);
  T out{};
  if (!in.value(out)) return in.take_error();
  return out;
}

template <class T>
std::string to_json(const T& value, std::vector<bytes>* attachments) {
  std::string text;
  std::vector<bytes> unused;
  json_writer out(text, attachments != nullptr ? *attachments : unused);
  out.value(value);
  return text;
}

template <class T>
converted<T> args_view::get(std::size_t index) const {
  json_reader in(raw(index), attachments_);
  T out{};
  bool read = false;
  if (index < count_ || socketio::is_optional<T>::value) {
    read = in.value(out);
  } else {
    read = socketio::missing(in, json_codec<T>::expects());
  }
  if (read) return out;
  in.inside_item(index);
  return in.take_error();
}

}  // namespace gossamer
