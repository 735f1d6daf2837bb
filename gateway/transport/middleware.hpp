// What an application may do with each request under an engine's path before the engine sees it.
#pragma once

#include "gateway/http/request.hpp"
#include "gateway/http/response.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace gossamer::transport {

/// What a middleware has decided. Neither `own` nor `failed`: the request goes on.
struct middleware_outcome {
  std::optional<http::response> own;  // the answer, instead of the engine's
  http::header_fields more;           // goes out with the answer, whatever that will be
  bool failed = false;                // code 3, as after a throw
};

/// Decides about one request, now or later. Copies share one decision: the first call counts. Any
/// thread; once the client has gone nothing happens. If nobody ever decides, the client waits until
/// it gives up or the engine closes.
class middleware_next {
 public:
  explicit middleware_next(std::function<void(middleware_outcome&&)> deliver)
      : shared_(std::make_shared<shared>(std::move(deliver))) {}

  /// The request goes on, to the next middleware and then to the engine.
  void operator()(http::header_fields more = {}) const { give({{}, std::move(more), false}); }
  void answer(http::response own) const { give({std::move(own), {}, false}); }
  /// Refuses with code 3, `Bad request`.
  void fail() const { give({{}, {}, true}); }

 private:
  struct shared {
    explicit shared(std::function<void(middleware_outcome&&)> to) : deliver(std::move(to)) {}
    std::function<void(middleware_outcome&&)> deliver;
    std::atomic_flag used;
  };
  void give(middleware_outcome&& outcome) const {
    if (!shared_->used.test_and_set()) shared_->deliver(std::move(outcome));
  }
  std::shared_ptr<shared> shared_;
};

/// A callable of one of two forms. A throw answers 400, code 3. Runs on: the connection's lane,
/// several at once.
///
///     std::optional<http::response>(const http::request&, http::header_fields& more)   at once
///     void(const http::request&, middleware_next)                                      now or
///     later
///
/// The first answers by itself, or adds fields to whatever the answer will be. For the second the
/// request is there until the call returns: what it needs later it has to copy. The body of a POST
/// is not there yet.
class middleware {
 public:
  using decides_at_once =
      std::function<std::optional<http::response>(const http::request&, http::header_fields& more)>;
  using decides_later = std::function<void(const http::request&, middleware_next)>;

  template <class Callable,
            class = std::enable_if_t<!std::is_same_v<std::decay_t<Callable>, middleware>>>
  middleware(Callable what) : what_(form_of(std::move(what))) {}  // NOLINT: from a lambda

  [[nodiscard]] const decides_at_once* at_once() const {
    return std::get_if<decides_at_once>(&what_);
  }
  [[nodiscard]] const decides_later& later() const { return std::get<decides_later>(what_); }

 private:
  using either = std::variant<decides_at_once, decides_later>;
  template <class Callable>
  static either form_of(Callable what) {
    if constexpr (std::is_invocable_v<Callable&, const http::request&, middleware_next>) {
      return decides_later(std::move(what));
    } else {
      return decides_at_once(std::move(what));
    }
  }
  either what_;
};

/// The middlewares of one engine, in their order. Any thread.
class middleware_list {
 public:
  using version = std::vector<middleware>;

  /// Requests that come from now on see it.
  void add(middleware one) {
    const std::scoped_lock lock(mutex_);
    auto next = kept_.empty() ? version() : *kept_.back();
    next.push_back(std::move(one));
    kept_.push_back(std::make_unique<const version>(std::move(next)));
    newest_.store(kept_.back().get(), std::memory_order_release);
  }
  /// Null if there are none. Lives as long as this.
  [[nodiscard]] const version* now() const { return newest_.load(std::memory_order_acquire); }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<const version>> kept_;  // lanes may be in the midst of an old one
  std::atomic<const version*> newest_{nullptr};
};

}  // namespace gossamer::transport
