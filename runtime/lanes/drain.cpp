#include "runtime/lanes/drain.hpp"

#include "runtime/lanes/lane_core.hpp"

#include <condition_variable>
#include <mutex>

namespace gossamer {

namespace {

// What all lanes had done when the marker of this round reached them.
struct round {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t missing = 0;
  std::uint64_t work_done = 0;
  bool jobs_left = false;

  [[nodiscard]] bool is_done() {
    const std::lock_guard lock(mutex);
    return missing == 0;
  }
  [[nodiscard]] bool wait_until(time_point deadline) {
    std::unique_lock lock(mutex);
    return changed.wait_until(lock, deadline, [&] { return missing == 0; });
  }
  void reached(lane_core& core, std::uint64_t earlier_markers) {
    const std::lock_guard lock(mutex);
    work_done += core.delivered.get() - earlier_markers + core.jobs_run.get();
    jobs_left = jobs_left || (core.jobs != nullptr && core.jobs->pending());
    if (--missing == 0) changed.notify_all();
  }
};

class marker final : public delivery {
 public:
  marker(std::shared_ptr<round> of, std::uint64_t number) : round_(std::move(of)), number_(number) {
    cost_bytes = 0;
  }
  void run(lane& here) noexcept override { round_->reached(here.core(), number_); }

 private:
  std::shared_ptr<round> round_;
  std::uint64_t number_;
};

// Sends a marker through each queue and waits for all of them; nullptr at the deadline.
std::shared_ptr<round> run_round(std::span<const std::shared_ptr<lane>> lanes, std::uint64_t number,
                                 time_point deadline, const std::function<void()>& drive) {
  auto current = std::make_shared<round>();
  current->missing = lanes.size();
  for (const auto& each : lanes) {
    auto& core = each->core();
    std::unique_ptr<delivery> entry = std::make_unique<marker>(current, number);
    const auto pushed = core.box.push(entry, post_kind::control, inbox::sender::lane);
    if (pushed.wake) core.poke();
  }
  if (!drive) return current->wait_until(deadline) ? current : nullptr;
  while (!current->is_done()) {
    if (clock::now() >= deadline) return nullptr;
    drive();
  }
  return current;
}

}  // namespace

// Quiet = two rounds in a row that saw the same amount of work. Work that a lane did before its
// marker of round k may have fed another lane behind that lane's marker k, but never behind its
// marker k + 1, since that one is sent only when all markers k have arrived.
bool drain_lanes(std::span<const std::shared_ptr<lane>> lanes, time_point deadline,
                 const std::function<void()>& drive) {
  std::uint64_t previous = ~std::uint64_t{0};
  for (std::uint64_t number = 0;; ++number) {
    const auto seen = run_round(lanes, number, deadline, drive);
    if (seen == nullptr) return false;
    if (!seen->jobs_left && seen->work_done == previous) return true;
    previous = seen->work_done;
  }
}

}  // namespace gossamer
