// The words of PROTOCOL.md as types: what goes over the wire, and the limits.
#pragma once

#include <boost/describe/class.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <gossamer/errc.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chat {

inline constexpr std::size_t name_max = 24;
inline constexpr std::size_t room_max = 32;
inline constexpr std::size_t text_max = 2000;
inline constexpr std::size_t history_max = 50;
inline constexpr std::size_t rooms_of_socket_max = 16;
inline constexpr std::size_t rooms_max = 1000;
inline constexpr std::size_t summaries_max = 100;
inline constexpr std::size_t messages_max = 20;  // of one socket within `messages_within`
inline constexpr std::chrono::milliseconds messages_within{10'000};
inline constexpr std::chrono::milliseconds typing_lasts{3000};
inline constexpr std::chrono::milliseconds rooms_told_within{100};
inline constexpr std::string_view lobby = "lobby";

struct person {
  std::string id;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(person, (), (id, name))

struct message {
  std::int64_t id = 0;
  std::string room;
  person from;
  std::string text;
  std::int64_t time = 0;
};
BOOST_DESCRIBE_STRUCT(message, (), (id, room, from, text, time))

struct summary {
  std::string room;
  std::size_t online = 0;
};
BOOST_DESCRIBE_STRUCT(summary, (), (room, online))

// Answers.
struct hello_answer {
  bool ok = true;
  person me;
  std::vector<summary> rooms;
  std::int64_t time = 0;
};
BOOST_DESCRIBE_STRUCT(hello_answer, (), (ok, me, rooms, time))

struct join_answer {
  bool ok = true;
  summary room;
  std::vector<person> people;
  std::vector<chat::message> history;
};
BOOST_DESCRIBE_STRUCT(join_answer, (), (ok, room, people, history))

struct message_answer {
  bool ok = true;
  chat::message message;
};
BOOST_DESCRIBE_STRUCT(message_answer, (), (ok, message))

struct plain_answer {
  bool ok = true;
};
BOOST_DESCRIBE_STRUCT(plain_answer, (), (ok))

struct refusal {
  std::string code;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(refusal, (), (code, message))

struct refusal_answer {
  bool ok = false;
  refusal error;
};
BOOST_DESCRIBE_STRUCT(refusal_answer, (), (ok, error))

// Why a request is refused.
[[nodiscard]] gossamer::failure bad_request();
[[nodiscard]] gossamer::failure bad_name();
[[nodiscard]] gossamer::failure bad_room();
[[nodiscard]] gossamer::failure bad_text();
[[nodiscard]] gossamer::failure name_taken();
[[nodiscard]] gossamer::failure no_name();
[[nodiscard]] gossamer::failure not_in_room();
[[nodiscard]] gossamer::failure too_many_rooms();
[[nodiscard]] gossamer::failure too_fast();

/// Which control characters a text may have.
enum class text_kind : std::uint8_t { one_line, with_lines };

/// The text without white space at both ends; nothing if it then has not 1 to `length_max` code
/// points, or characters that are not allowed.
[[nodiscard]] std::optional<std::string> cleaned(std::string_view given, std::size_t length_max,
                                                 text_kind kind = text_kind::one_line);

/// The name with ASCII letters in lower case: two names that fold alike are one.
[[nodiscard]] std::string folded(std::string_view name);

}  // namespace chat
