#include "gateway/ops/bounded_names.hpp"

#include "runtime/base/utf8.hpp"

namespace gossamer::ops {

std::string bounded_names::admit(std::string_view name) {
  auto shown = is_utf8(name) ? std::string(name) : repaired_utf8(name);
  const std::lock_guard lock(mutex_);
  if (known_.contains(shown)) return shown;
  if (known_.size() >= most_) return std::string(other_names);
  return *known_.insert(std::move(shown)).first;
}

}  // namespace gossamer::ops
