// Waiting in a coroutine for something that comes back by a callback.
#pragma once

#include "actors/include/gossamer/detail.hpp"

#include <coroutine>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace gossamer::detail {

/// Awaits a T that `begin(callback)` delivers: `co_await callback_awaiter<T>([](auto done) { ...
/// done(value); })`. The callback may come at once, later and on any thread; the coroutine goes on
/// where it was (see resumption).
template <class T>
class callback_awaiter {
 public:
  using callback = std::function<void(T)>;
  explicit callback_awaiter(std::function<void(callback)> begin) : begin_(std::move(begin)) {}

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) {
    const auto shared = shared_;
    begin_([shared](T value) { shared->deliver(std::move(value)); });
    return shared->suspend(waiting);
  }
  T await_resume() { return std::move(*shared_->value); }

 private:
  struct state {
    std::mutex mutex;
    std::optional<T> value;
    std::coroutine_handle<> waiting;
    resumption where;

    void deliver(T delivered) {
      std::coroutine_handle<> resume;
      {
        const std::lock_guard lock(mutex);
        if (value) return;
        value.emplace(std::move(delivered));
        resume = std::exchange(waiting, nullptr);
      }
      if (resume) where.run([resume] { resume.resume(); });
    }
    bool suspend(std::coroutine_handle<> coroutine) {
      const std::lock_guard lock(mutex);
      if (value) return false;  // it came at once: do not suspend
      waiting = coroutine;
      return true;
    }
  };
  std::function<void(callback)> begin_;
  std::shared_ptr<state> shared_ = std::make_shared<state>();
};

}  // namespace gossamer::detail
