// Finds `{"_placeholder":true,"num":i}` in JSON text.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace gossamer::socketio {

struct placeholder {
  std::size_t begin = 0;  // of the object's text
  std::size_t end = 0;
  std::optional<std::size_t> num;  // none if it is no non-negative integer
};

/// The placeholders in `text`, valid JSON values separated by commas, in order. As in Node an
/// object counts by its members (the last of each name), whatever else it holds; what a placeholder
/// holds is not looked at. Marked names (json_marks.hpp) make no placeholder.
[[nodiscard]] std::vector<placeholder> find_placeholders(std::string_view text);

/// Do all placeholders name one of `attachment_count` attachments?
[[nodiscard]] bool placeholders_in_range(std::string_view text, std::size_t attachment_count);

}  // namespace gossamer::socketio
