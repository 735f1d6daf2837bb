// JSON codecs of the standard containers. Include json_codec.hpp.
#pragma once

#include "actors/socketio/json_codec.hpp"

namespace gossamer {

template <class T, class Allocator>
struct json_codec<std::vector<T, Allocator>> {
  static std::string expects() { return "array"; }
  static bool read(json_reader& in, std::vector<T, Allocator>& out) {
    out.clear();
    return in.each_item([&](std::size_t) {
      T item{};
      if (!in.value(item)) return false;
      out.push_back(std::move(item));
      return true;
    });
  }
  static void write(json_writer& out, const std::vector<T, Allocator>& given) {
    out.begin_array();
    for (const auto& item : given) out.value(static_cast<const T&>(item));
    out.end_array();
  }
};

namespace socketio {

// A type that is an array of a fixed number of items, each with a type of its own.
template <class Tuple>
struct tuple_codec {
  static constexpr std::size_t size = std::tuple_size_v<Tuple>;
  static std::string expects() { return "array of " + std::to_string(size) + " items"; }
  static bool read(json_reader& in, Tuple& out) {
    std::size_t count = 0;
    const auto read_item = [&](std::size_t index) {
      if (index >= size) return in.fail("expected " + std::to_string(size) + " items, got more");
      count = index + 1;
      return read_at(in, out, index, std::make_index_sequence<size>());
    };
    if (!in.each_item(read_item, expects())) return false;
    return rest_may_be_missing(in, count, std::make_index_sequence<size>());
  }
  static void write(json_writer& out, const Tuple& given) {
    out.begin_array();
    std::apply([&](const auto&... item) { (out.value(item), ...); }, given);
    out.end_array();
  }

 private:
  template <std::size_t... I>
  static bool read_at(json_reader& in, Tuple& out, std::size_t index, std::index_sequence<I...>) {
    bool read = false;
    static_cast<void>(((I == index && (read = in.value(std::get<I>(out)), true)) || ...));
    return read;
  }
  template <std::size_t... I>
  static bool rest_may_be_missing(json_reader& in, std::size_t count, std::index_sequence<I...>) {
    return (here_or_optional<I>(in, count) && ...);
  }
  template <std::size_t I>
  static bool here_or_optional(json_reader& in, std::size_t count) {
    using item = std::tuple_element_t<I, Tuple>;
    if (I < count || is_optional<item>::value) return true;
    missing(in, json_codec<item>::expects());
    return in.inside_item(I);
  }
};

// An object whose member names are the keys.
template <class Map>
struct map_codec {
  static std::string expects() { return "object"; }
  static bool read(json_reader& in, Map& out) {
    out.clear();
    return in.each_member([&](std::string_view key) {
      return in.value(
          out.insert_or_assign(std::string(key), typename Map::mapped_type{}).first->second);
    });
  }
  static void write(json_writer& out, const Map& given) {
    out.begin_object();
    for (const auto& [key, value] : given) {
      out.key(key);
      out.value(value);
    }
    out.end_object();
  }
};

}  // namespace socketio

template <class... Ts>
struct json_codec<std::tuple<Ts...>> : socketio::tuple_codec<std::tuple<Ts...>> {};
template <class A, class B>
struct json_codec<std::pair<A, B>> : socketio::tuple_codec<std::pair<A, B>> {};
template <class T, std::size_t N>
struct json_codec<std::array<T, N>> : socketio::tuple_codec<std::array<T, N>> {};

template <class T, class Compare, class Allocator>
struct json_codec<std::map<std::string, T, Compare, Allocator>>
    : socketio::map_codec<std::map<std::string, T, Compare, Allocator>> {};
template <class T, class Hash, class Equal, class Allocator>
struct json_codec<std::unordered_map<std::string, T, Hash, Equal, Allocator>>
    : socketio::map_codec<std::unordered_map<std::string, T, Hash, Equal, Allocator>> {};

template <class... Ts>
struct json_codec<std::variant<Ts...>> {
  static std::string expects() {
    std::string all;
    ((all += (all.empty() ? "" : " or ") + json_codec<Ts>::expects()), ...);
    return all;
  }
  static bool read(json_reader& in, std::variant<Ts...>& out) {
    in.next();
    const auto start = in.position();
    if ((fits<Ts>(in, start, out) || ...)) return true;
    in.rewind(start);
    return in.expected(expects());
  }
  static void write(json_writer& out, const std::variant<Ts...>& given) {
    std::visit([&](const auto& held) { out.value(held); }, given);
  }

 private:
  template <class T>
  static bool fits(json_reader& in, json_reader::mark start, std::variant<Ts...>& out) {
    in.rewind(start);
    T value{};
    if (!in.value(value)) return false;
    out = std::move(value);
    return true;
  }
};

}  // namespace gossamer
