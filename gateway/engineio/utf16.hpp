// UTF-8 text measured as JavaScript does: in UTF-16 code units. Revision 3 counts so.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace gossamer::engineio {

/// How many UTF-16 code units the text has. `text` is valid UTF-8.
[[nodiscard]] std::size_t utf16_size(std::string_view text);

/// How many bytes at the front of `text` (valid UTF-8) are `units` UTF-16 code units. Empty if the
/// text is shorter, or if the end falls into a character of two units.
[[nodiscard]] std::optional<std::size_t> utf16_prefix(std::string_view text, std::size_t units);

}  // namespace gossamer::engineio
