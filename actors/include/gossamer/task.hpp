// A coroutine's result: what handlers, middleware and questions to clients return.
//
// A task starts when it is awaited or handed to a server (as a handler's return value), runs on the
// lane of its socket, and after each `co_await` of a gossamer operation goes on there. It ends with
// a value or an exception; an exception goes to whoever awaits it. A task that waits for a gossamer
// operation which will never end, since the server has stopped, is destroyed: what it holds is
// freed, nothing after the `co_await` runs. g++ 12: give structs a name before the `co_await`.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace gossamer {

template <class T = void>
class task;

namespace detail {

// Resumes the awaiting coroutine, if there is one, when the task has ended.
struct task_final {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
    const auto next = ended.promise().continuation;
    return next ? next : std::noop_coroutine();
  }
  void await_resume() const noexcept {}
};

/// The outermost of the coroutines that wait for this one, if it is one of ours: to destroy it is
/// to destroy them all. Null for coroutines of other libraries.
template <class Promise>
std::coroutine_handle<> root_of(std::coroutine_handle<Promise> coroutine) noexcept {
  if constexpr (requires { coroutine.promise().root; }) {
    return coroutine.promise().root;
  } else {
    return nullptr;
  }
}

struct task_promise_base {
  std::coroutine_handle<> continuation;
  std::coroutine_handle<> root;  // see root_of
  std::exception_ptr failure;
  std::suspend_always initial_suspend() const noexcept { return {}; }
  task_final final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }
};

template <class T>
struct task_promise : task_promise_base {
  std::optional<T> value;
  task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& returned) {
    value.emplace(std::forward<U>(returned));
  }
  T take() {
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }
};

template <>
struct task_promise<void> : task_promise_base {
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const {
    if (failure) std::rethrow_exception(failure);
  }
};

}  // namespace detail

/// A lazily started coroutine that ends with a T. Move-only; destroying it before the end destroys
/// the coroutine.
template <class T>
class [[nodiscard]] task {
 public:
  using promise_type = detail::task_promise<T>;
  using value_type = T;

  explicit task(std::coroutine_handle<promise_type> coroutine) noexcept : coroutine_(coroutine) {}
  task(task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    std::swap(coroutine_, other.coroutine_);
    return *this;
  }
  task(const task&) = delete;
  task& operator=(const task&) = delete;
  ~task() {
    if (coroutine_) coroutine_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    coroutine_.promise().continuation = awaiting;
    coroutine_.promise().root = detail::root_of(awaiting);
    return coroutine_;
  }
  T await_resume() { return coroutine_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> coroutine_;
};

namespace detail {

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
  return task<T>(std::coroutine_handle<task_promise<T>>::from_promise(*this));
}
inline task<void> task_promise<void>::get_return_object() noexcept {
  return task<void>(std::coroutine_handle<task_promise<void>>::from_promise(*this));
}

// A coroutine nobody awaits: it frees itself at its end, or is destroyed while it waits.
struct detached_coroutine {
  struct promise_type {
    std::coroutine_handle<> root = std::coroutine_handle<promise_type>::from_promise(*this);
    detached_coroutine get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

/// Runs `work` until it suspends; `done(value)` or `failed(exception)` is called when it ends. Both
/// must not throw.
template <class T, class Done, class Failed>
detached_coroutine start(task<T> work, Done done, Failed failed) {
  std::exception_ptr failure;
  if constexpr (std::is_void_v<T>) {
    try {
      co_await work;
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) {
      failed(failure);
    } else {
      done();
    }
  } else {
    std::optional<T> value;
    try {
      value.emplace(co_await work);
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) {
      failed(failure);
    } else {
      done(std::move(*value));
    }
  }
}

template <class T>
struct is_task : std::false_type {};
template <class T>
struct is_task<task<T>> : std::true_type {};

}  // namespace detail
}  // namespace gossamer
