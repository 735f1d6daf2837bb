// Requests that wait: by number and by deadline, with the bytes of answers that they keep.
//
// Pure. What a request is and when it is complete is its owner's business.
//
// Limits: requests, and bytes of all together. Errors: errc::too_many_requests.
#pragma once

#include "runtime/base/check.hpp"
#include "runtime/base/result.hpp"
#include "runtime/base/time.hpp"
#include "runtime/cluster/errc.hpp"
#include "runtime/cluster/message.hpp"

#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace gossamer::cluster {

struct request_limits {
  std::size_t requests_max = 4096;
  std::size_t bytes_max = 64U << 20U;
};

/// What every kind of request has.
struct open_request {
  time_point deadline;
  std::size_t kept_bytes = 0;
};

/// `Request` derives from open_request; `Outcome` is what its end tells.
template <class Request, class Outcome>
class open_requests {
 public:
  using place = typename std::map<request_id, Request>::iterator;

  explicit open_requests(request_limits limits) : limits_(limits) {}

  /// `id` is new.
  [[nodiscard]] result<place> open(request_id id, time_point deadline) {
    if (open_.size() >= limits_.requests_max) return errc::too_many_requests;
    const auto [at, fresh] = open_.try_emplace(id);
    GOSSAMER_CHECK(fresh);
    at->second.deadline = deadline;
    deadlines_.emplace(deadline, id);
    return at;
  }
  [[nodiscard]] std::optional<place> find(request_id id) {
    const auto at = open_.find(id);
    return at == open_.end() ? std::nullopt : std::optional(at);
  }
  /// False: there is no room for so many bytes more.
  [[nodiscard]] bool keep(place at, std::size_t size_bytes) {
    if (size_bytes > limits_.bytes_max - kept_bytes_) return false;
    at->second.kept_bytes += size_bytes;
    kept_bytes_ += size_bytes;
    return true;
  }
  void forget(place at) {
    kept_bytes_ -= at->second.kept_bytes;
    deadlines_.erase({at->second.deadline, at->first});
    open_.erase(at);
  }
  void finish(place at, Outcome outcome) {
    forget(at);
    finished_.push_back(std::move(outcome));
  }
  /// One whose time is over.
  [[nodiscard]] std::optional<place> overdue(time_point now) {
    if (deadline() > now) return {};
    return find(deadlines_.begin()->second);
  }
  /// `visit(place)` may end the request that it is given.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (auto at = open_.begin(); at != open_.end();) visit(std::exchange(at, std::next(at)));
  }

  [[nodiscard]] std::vector<Outcome> take_finished() { return std::exchange(finished_, {}); }
  [[nodiscard]] time_point deadline() const {
    return deadlines_.empty() ? time_point::max() : deadlines_.begin()->first;
  }
  [[nodiscard]] bool contains(request_id id) const { return open_.contains(id); }
  [[nodiscard]] std::size_t size() const { return open_.size(); }
  [[nodiscard]] std::size_t kept_bytes() const { return kept_bytes_; }

 private:
  request_limits limits_;
  std::map<request_id, Request> open_;
  std::set<std::pair<time_point, request_id>> deadlines_;
  std::size_t kept_bytes_ = 0;
  std::vector<Outcome> finished_;
};

}  // namespace gossamer::cluster
