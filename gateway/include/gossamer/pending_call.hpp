// A call that `server::after` has promised.
#pragma once

#include <memory>
#include <utility>

namespace gossamer {

namespace detail {
class delayed_call;
}

/// A cheap value that owns nothing: dropping it cancels nothing. Any thread.
class pending_call {
 public:
  pending_call() = default;
  explicit pending_call(std::weak_ptr<detail::delayed_call> call) : call_(std::move(call)) {}
  /// The function is not called any more. In a callback of the same lane that is sure; elsewhere it
  /// may be running just now. Does nothing if it has run, or on an empty value.
  void cancel() const;

 private:
  std::weak_ptr<detail::delayed_call> call_;
};

}  // namespace gossamer
