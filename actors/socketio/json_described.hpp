// JSON codecs of types described with Boost.Describe. Include json_codec.hpp.
//
//     struct place_order { std::string symbol; int quantity; std::optional<double> limit; };
//     BOOST_DESCRIBE_STRUCT(place_order, (), (symbol, quantity, limit))
//
// A struct is an object: unknown members are ignored, a missing member is an error unless it is
// std::optional, an empty optional is not written. An enum is its enumerator's name.
#pragma once

#include "actors/socketio/json_codec.hpp"

#include <boost/describe/bases.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

namespace gossamer {

namespace socketio {

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public |
                                                            boost::describe::mod_inherited>;

template <class T>
concept described_struct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;
template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

}  // namespace socketio

template <socketio::described_struct T>
struct json_codec<T> {
  static std::string expects() { return "object"; }
  static bool read(json_reader& in, T& out) {
    std::array<bool, member_count + 1> seen{};
    const auto read_member = [&](std::string_view key) {
      const std::size_t index = index_of(key);
      if (index == member_count) {
        in.take();
        return true;
      }
      seen[index] = true;
      return boost::mp11::mp_with_index<member_count + 1>(
          index, [&](auto i) { return read_at<i>(in, out); });
    };
    return in.each_member(read_member) && all_there(in, out, seen);
  }
  static void write(json_writer& out, const T& given) {
    out.begin_object();
    boost::mp11::mp_for_each<members>([&](auto member) {
      const auto& value = given.*member.pointer;
      using type = std::remove_cvref_t<decltype(value)>;
      if constexpr (socketio::is_optional<type>::value) {
        if (!value) return;
      }
      out.key(member.name);
      out.value(value);
    });
    out.end_object();
  }

 private:
  using members = socketio::members_of<T>;
  static constexpr std::size_t member_count = boost::mp11::mp_size<members>::value;

  static std::size_t index_of(std::string_view key) {
    std::size_t index = 0;
    std::size_t found = member_count;
    boost::mp11::mp_for_each<members>([&](auto member) {
      if (found == member_count && key == member.name) found = index;
      ++index;
    });
    return found;
  }
  template <std::size_t I>
  static bool read_at(json_reader& in, T& out) {
    if constexpr (I < member_count) {
      return in.value(out.*boost::mp11::mp_at_c<members, I>::pointer);
    } else {
      return false;
    }
  }
  static bool all_there(json_reader& in, T& out, const std::array<bool, member_count + 1>& seen) {
    std::size_t index = 0;
    bool complete = true;
    boost::mp11::mp_for_each<members>([&](auto member) {
      using type = std::remove_cvref_t<decltype(out.*member.pointer)>;
      if (seen[index++] || !complete) return;
      if constexpr (!socketio::is_optional<type>::value) {
        socketio::missing(in, json_codec<type>::expects());
        complete = in.inside_member(member.name);
      }
    });
    return complete;
  }
};

template <socketio::described_enum T>
struct json_codec<T> {
  static std::string expects() {
    std::string all;
    boost::mp11::mp_for_each<enumerators>([&](auto enumerator) {
      all += all.empty() ? "one of " : ", ";
      all += enumerator.name;
    });
    return all;
  }
  static bool read(json_reader& in, T& out) {
    if (in.next() != json_kind::string) return in.expected(expects());
    std::string name;
    in.string(name);
    bool found = false;
    boost::mp11::mp_for_each<enumerators>([&](auto enumerator) {
      if (found || name != enumerator.name) return;
      out = enumerator.value;
      found = true;
    });
    return found || in.fail("expected " + expects() + ", got another string");
  }
  /// A value without a name is written as its number.
  static void write(json_writer& out, T given) {
    const char* name = nullptr;
    boost::mp11::mp_for_each<enumerators>([&](auto enumerator) {
      if (given == enumerator.value) name = enumerator.name;
    });
    if (name != nullptr) return out.string(name);
    out.integer(static_cast<std::int64_t>(given));
  }

 private:
  using enumerators = boost::describe::describe_enumerators<T>;
};

}  // namespace gossamer
