// Questions to other nodes that wait for answers.
//
// Pure. A request knows *which* members were asked, not how many: it is complete once each has
// answered or is gone; a death ends the wait for that member at once; when the time is over the
// result is what came, with the names of those who are missing.
//
// Limits: requests and bytes of kept answers; a request over the first is refused
// (`errc::too_many_requests`), an answer over the second is not kept and its member is named as
// missing. Late, repeated and foreign answers are ignored and counted.
#pragma once

#include "runtime/base/time.hpp"
#include "runtime/cluster/errc.hpp"
#include "runtime/cluster/member.hpp"
#include "runtime/cluster/message.hpp"
#include "runtime/cluster/open_requests.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace gossamer::cluster {

/// What came of a request.
struct request_outcome {
  struct answer {
    member from;
    std::vector<message> parts;
    bool operator==(const answer&) const = default;
  };
  request_id id{};
  /// Everybody who was asked and is still a member has answered.
  bool complete = true;
  bool timed_out = false;
  std::vector<answer> answers;
  /// No answer, or not the whole of it, for another reason than being gone.
  std::vector<member> missing;
  /// Died or left while they were waited for.
  std::vector<member> gone;
  bool operator==(const request_outcome&) const = default;
};

/// An answer that changed nothing, by reason.
struct request_counters {
  std::uint64_t late = 0;        // the request has ended
  std::uint64_t duplicates = 0;  // the member, or this part, has answered
  std::uint64_t strangers = 0;   // the member was not asked
  std::uint64_t gaps = 0;        // a part before this one is missing
  std::uint64_t too_large = 0;   // over the bytes that may be kept
};

class pending_requests {
 public:
  explicit pending_requests(request_limits limits = {}) : open_(limits) {}

  /// Waits for one answer from each of these; complete at once if there is nobody. `id` is new.
  [[nodiscard]] error_code start(request_id id, std::span<const member> asked, duration timeout,
                                 time_point now);

  /// Part number `part` of a member's answer, of this size on the wire (its own size is added).
  void answer(request_id id, const node_id& from, std::uint32_t part, bool last, message what,
              std::size_t size_bytes);
  /// It will not answer this one: it refused, or could not be asked. False if it is not waited for.
  bool refuse(request_id id, const node_id& from);
  void member_gone(const node_id& who);
  void expire(time_point now);
  /// The asker is no longer interested.
  void cancel(request_id id);

  /// What has ended since the last call, in that order.
  [[nodiscard]] std::vector<request_outcome> take_finished() { return open_.take_finished(); }
  /// When `expire` has something to do.
  [[nodiscard]] time_point deadline() const { return open_.deadline(); }
  [[nodiscard]] bool waits_for(request_id id) const { return open_.contains(id); }
  [[nodiscard]] std::size_t size() const { return open_.size(); }
  [[nodiscard]] std::size_t kept_bytes() const { return open_.kept_bytes(); }
  [[nodiscard]] const request_counters& counters() const { return counters_; }

 private:
  enum class state : std::uint8_t { waiting, answered, missing, gone };
  struct asked_member {
    member who;
    state now = state::waiting;
    std::vector<message> parts;
  };
  struct request : open_request {
    std::map<node_id, asked_member> members;
    std::size_t waiting_count = 0;
  };
  using open_set = open_requests<request, request_outcome>;

  void settle(open_set::place at, asked_member& m, state as);
  void finish(open_set::place at, bool timed_out);

  open_set open_;
  request_counters counters_;
};

}  // namespace gossamer::cluster
