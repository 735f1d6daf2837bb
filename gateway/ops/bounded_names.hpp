// Names as label values: valid UTF-8, and only so many of them.
//
// Any thread. Limits: `most` names; a later name is shown as `(other)`, for ever, so that a
// counter of a name that is shown never goes back.
#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace gossamer::ops {

inline constexpr std::string_view other_names = "(other)";

class bounded_names {
 public:
  explicit bounded_names(std::size_t most) : most_(most) {}
  /// The name to show.
  [[nodiscard]] std::string admit(std::string_view name);

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace gossamer::ops
