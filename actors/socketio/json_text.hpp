// The small pieces of JSON text: strings and numbers, to and from C++. Writing strings, and what
// text is inside the program: json_string.hpp.
#pragma once

#include "runtime/base/json_string.hpp"

#include <string>
#include <string_view>

namespace gossamer::socketio {

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
