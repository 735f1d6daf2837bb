// Strings of JSON text. Text inside the program is UTF-8, except that an unpaired surrogate (legal
// in JavaScript strings) is the three bytes that WTF-8 gives it; writing turns those back into
// `\udXXX`.
#pragma once

#include <string>
#include <string_view>

namespace gossamer {

/// Appends `text` in quotes, escaped as JSON.stringify does. Bytes that are no UTF-8 become U+FFFD,
/// so that what we send is always a legal text message.
void append_json_string(std::string& out, std::string_view text);
/// True if `text` is a JSON string's content as it stands: printable ASCII without quote or
/// backslash.
[[nodiscard]] bool is_plain_json(std::string_view text);

}  // namespace gossamer
