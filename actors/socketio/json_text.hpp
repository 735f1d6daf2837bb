// The small pieces of JSON text: strings and numbers, to and from C++.
//
// Text inside the program is UTF-8, except that an unpaired surrogate (legal in JavaScript strings)
// is the three bytes that WTF-8 gives it; writing turns those back into `\udXXX`.
#pragma once

#include <string>
#include <string_view>

namespace gossamer::socketio {

/// Appends `text` in quotes, escaped as JSON.stringify does. Bytes that are no UTF-8 become U+FFFD,
/// so that what we send is always a legal text message.
void append_json_string(std::string& out, std::string_view text);
/// True if `text` is a JSON string's content as it stands: printable ASCII without quote or
/// backslash.
[[nodiscard]] bool is_plain_json(std::string_view text);

/// Appends the content of a JSON string, `raw` being what is between the quotes.
void append_decoded(std::string& out, std::string_view raw);

/// Appends a number as JavaScript prints it: `1`, `0.1`, `1e+21`, `Infinity`.
void append_js_number(std::string& out, double value);
/// As JSON.stringify does: `null` for NaN and the infinities.
void append_json_number(std::string& out, double value);

/// The value of a JSON number, infinite beyond the range of a double.
[[nodiscard]] double parse_json_number(std::string_view raw);

/// A string to write JSON into; its memory is kept for the next use on this thread.
class scratch_text {
 public:
  scratch_text();
  ~scratch_text();
  scratch_text(const scratch_text&) = delete;
  scratch_text& operator=(const scratch_text&) = delete;
  [[nodiscard]] std::string& operator*() { return text_; }

 private:
  std::string text_;
};

}  // namespace gossamer::socketio
