#include "gateway/testing/include/gossamer/testing.hpp"
#include "gateway/testing/universe.hpp"
#include "gateway/testing/wire.hpp"

#include <algorithm>
#include <optional>
#include <thread>

namespace gossamer::testing {
namespace detail {
namespace {

// A world that has not come to rest after so many turns never will.
constexpr std::size_t turns_max = 2'000;

struct running_mark {
  explicit running_mark(bool& which) : flag(which) { flag = true; }
  running_mark(const running_mark&) = delete;
  running_mark& operator=(const running_mark&) = delete;
  ~running_mark() { flag = false; }
  bool& flag;
};

}  // namespace

void fail(const std::string& what) {
  throw std::logic_error("gossamer::testing: " + what);
}

lane_options universe::lanes(std::size_t count) {
  lane_options made;
  made.lanes = std::max<std::size_t>(1, count);
  made.drive = lane_drive::stepped;
  made.time = clock_;
  made.seed = last_seed_ += 1'000'003;
  return made;
}

void universe::remove(const void* server) {
  std::erase_if(servers_, [&](const known& one) { return one.server == server; });
  std::erase_if(wires_, [&](const std::shared_ptr<wire>& one) { return one->is_of(server); });
}

// Servers on one actor system share their lanes.
std::vector<lane_group*> universe::groups() const {
  std::vector<lane_group*> all;
  for (const auto& each : servers_) {
    auto* const lanes = each.lanes();
    if (lanes != nullptr && std::find(all.begin(), all.end(), lanes) == all.end()) {
      all.push_back(lanes);
    }
  }
  return all;
}

// One turn of everybody. False: nobody had anything to do.
bool universe::step() {
  bool busy = false;
  for (auto* const lanes : groups()) busy = lanes->poll(duration::zero()) || busy;
  for (const auto& each : std::vector(wires_)) busy = each->work() || busy;
  return busy;
}

void universe::run() {
  if (running_) return;  // called by a handler: who runs already goes on
  const running_mark mark(running_);
  for (std::size_t turn = 0; turn < turns_max; ++turn) {
    if (!step()) return;
  }
  fail("does not come to rest: something is due again and again at the same time");
}

void universe::advance(duration by) {
  const auto until = clock_->now() + by;
  run();
  for (;;) {
    std::optional<time_point> next;
    for (auto* const lanes : groups()) {
      const auto due = lanes->next_due();
      if (due && (!next || *due < *next)) next = due;
    }
    if (!next || *next > until) break;
    clock_->advance_to(*next);
    run();
  }
  clock_->advance_to(until);
  run();
}

}  // namespace detail

world::world() : universe_(std::make_shared<detail::universe>()) {}

void world::run() {
  universe_->run();
}

void world::advance(duration by) {
  universe_->advance(by);
}

time_point world::now() const {
  return universe_->now();
}

bool world::run_until(const std::function<bool()>& holds, milliseconds at_most) {
  const auto until = clock::now() + at_most;
  for (;;) {
    run();
    if (holds()) return true;
    if (clock::now() >= until) return false;
    std::this_thread::sleep_for(milliseconds(1));
  }
}

}  // namespace gossamer::testing
