#include "words.hpp"

namespace chat {
namespace {

// White space that is trimmed: its number of bytes at the beginning, or at the end, of the text.
constexpr std::string_view no_break_space = "\xc2\xa0";
constexpr std::string_view ascii_space = "\t\n\v\f\r ";

bool is_space(char c) {
  return ascii_space.find(c) != std::string_view::npos;
}

std::size_t leading_space(std::string_view text) {
  if (text.starts_with(no_break_space)) return no_break_space.size();
  return !text.empty() && is_space(text.front()) ? 1 : 0;
}
std::size_t trailing_space(std::string_view text) {
  if (text.ends_with(no_break_space)) return no_break_space.size();
  return !text.empty() && is_space(text.back()) ? 1 : 0;
}
std::string_view trimmed(std::string_view text) {
  while (const auto count = leading_space(text)) text.remove_prefix(count);
  while (const auto count = trailing_space(text)) text.remove_suffix(count);
  return text;
}

bool is_control(unsigned char c, text_kind kind) {
  if (kind == text_kind::with_lines && (c == '\t' || c == '\n')) return false;
  return c < 0x20 || c == 0x7f;
}

}  // namespace

gossamer::failure bad_request() {
  return {"bad_request", "bad request"};
}
gossamer::failure bad_name() {
  return {"bad_name", "a name has 1 to 24 characters"};
}
gossamer::failure bad_room() {
  return {"bad_room", "a room has 1 to 32 characters"};
}
gossamer::failure bad_text() {
  return {"bad_text", "a message has 1 to 2000 characters"};
}
gossamer::failure name_taken() {
  return {"name_taken", "this name is taken"};
}
gossamer::failure no_name() {
  return {"no_name", "say hello first"};
}
gossamer::failure not_in_room() {
  return {"not_in_room", "join the room first"};
}
gossamer::failure too_many_rooms() {
  return {"too_many_rooms", "too many rooms"};
}
gossamer::failure too_fast() {
  return {"too_fast", "too many messages, wait a moment"};
}

std::optional<std::string> cleaned(std::string_view given, std::size_t length_max, text_kind kind) {
  const auto text = trimmed(given);
  std::size_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (is_control(c, kind)) return std::nullopt;
    // The three bytes of a surrogate that has lost its other half: ED A0..BF xx.
    if (c == 0xed && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0xa0) {
      return std::nullopt;
    }
    if ((c & 0xc0U) != 0x80) ++length;
  }
  if (length < 1 || length > length_max) return std::nullopt;
  return std::string(text);
}

std::string folded(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace chat
