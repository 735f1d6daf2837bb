// Waiting in a coroutine for something that comes back by a callback.
#pragma once

#include "actors/include/gossamer/detail.hpp"
#include "actors/include/gossamer/task.hpp"

#include <coroutine>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace gossamer::detail {

/// A coroutine that waits. Resumed, or, if nobody does that any more, destroyed with all coroutines
/// that wait for it.
class suspended_coroutine {
 public:
  suspended_coroutine(std::coroutine_handle<> waiting, std::coroutine_handle<> root)
      : waiting_(waiting), root_(root) {}
  suspended_coroutine(const suspended_coroutine&) = delete;
  suspended_coroutine& operator=(const suspended_coroutine&) = delete;
  ~suspended_coroutine() {
    if (root_) root_.destroy();
  }
  void resume() {
    release();
    std::exchange(waiting_, nullptr).resume();
  }
  /// It is not destroyed by this object any more.
  void release() noexcept { root_ = nullptr; }

 private:
  std::coroutine_handle<> waiting_;
  std::coroutine_handle<> root_;  // null: a coroutine of another library, which owns itself
};

/// Awaits a T that `begin(callback)` delivers: `co_await callback_awaiter<T>([](auto done) { ...
/// done(value); })`. The callback may come at once, later and on any thread; the coroutine goes on
/// where it was (see resumption). If all copies of the callback are destroyed without a call, or
/// the lane has ended, the coroutine is destroyed there, and those that wait for it.
template <class T>
class callback_awaiter {
 public:
  using callback = std::function<void(T)>;
  explicit callback_awaiter(std::function<void(callback)> begin) : begin_(std::move(begin)) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    const auto shared = shared_;  // this may be destroyed in here
    const auto begin = std::move(begin_);
    {
      const auto promised = std::make_shared<promise>(shared);
      begin([promised](T value) { promised->to->deliver(std::move(value)); });
    }
    return shared->suspend(std::make_shared<suspended_coroutine>(waiting, root_of(waiting)));
  }
  T await_resume() { return std::move(*shared_->value); }

 private:
  struct state {
    std::mutex mutex;
    std::optional<T> value;
    bool abandoned = false;
    std::shared_ptr<suspended_coroutine> waiting;
    resumption where;

    void deliver(T delivered) {
      std::shared_ptr<suspended_coroutine> resumed;
      {
        const std::lock_guard lock(mutex);
        if (value) return;
        value.emplace(std::move(delivered));
        resumed = std::move(waiting);
      }
      if (resumed) where.run([resumed = std::move(resumed)] { resumed->resume(); });
    }
    // False: it came at once, the coroutine goes on. May destroy it.
    bool suspend(std::shared_ptr<suspended_coroutine> coroutine) {
      const std::lock_guard lock(mutex);
      if (value) {
        coroutine->release();
        return false;
      }
      if (!abandoned) waiting = std::move(coroutine);
      return true;
    }
    void abandon() {
      std::shared_ptr<suspended_coroutine> destroyed;
      const std::lock_guard lock(mutex);
      abandoned = true;
      destroyed = std::move(waiting);
    }
  };
  // Held by all copies of the callback.
  struct promise {
    explicit promise(std::shared_ptr<state> shared) : to(std::move(shared)) {}
    promise(const promise&) = delete;
    promise& operator=(const promise&) = delete;
    ~promise() { to->abandon(); }
    std::shared_ptr<state> to;
  };

  std::function<void(callback)> begin_;
  std::shared_ptr<state> shared_ = std::make_shared<state>();
};

}  // namespace gossamer::detail
