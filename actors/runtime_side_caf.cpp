#include "actors/room_actors_caf.hpp"
#include "actors/runtime_side.hpp"
#include "runtime/lanes/actor_runtime_caf.hpp"
#include "runtime/lanes/errc.hpp"
#include "runtime/lanes/scheduler_caf.hpp"

#include <boost/system/system_error.hpp>

#include <utility>

namespace gossamer::detail {
namespace {

class owned_system final : public runtime_side {
 public:
  explicit owned_system(lane_options options) : runtime_(std::move(options), add_room_groups) {}
  [[nodiscard]] lane_group& lanes() override { return runtime_.lanes(); }
  [[nodiscard]] caf::actor_system& system() override { return runtime_.system(); }
  bool stop(milliseconds deadline, std::function<void()> after_lanes) override {
    return runtime_.stop(deadline, after_lanes).clean();
  }

 private:
  actor_runtime runtime_;
};

// The lanes belong to the system: they go on when one of its servers stops.
class shared_system final : public runtime_side {
 public:
  explicit shared_system(caf::actor_system& system)
      : system_(system), scheduler_(lane_scheduler::of(system)) {
    if (scheduler_ != nullptr) return;
    throw boost::system::system_error(make_error_code(lanes::errc::system_not_configured));
  }
  [[nodiscard]] lane_group& lanes() override { return scheduler_->lanes(); }
  [[nodiscard]] caf::actor_system& system() override { return system_; }
  bool stop(milliseconds deadline, std::function<void()> after_lanes) override {
    const bool in_time = lanes().let_pass(clock::now() + deadline);
    scheduler_->at_end(std::move(after_lanes));
    return in_time;
  }

 private:
  caf::actor_system& system_;
  lane_scheduler* scheduler_;
};

}  // namespace

std::unique_ptr<runtime_side> own_runtime(lane_options options) {
  return std::make_unique<owned_system>(std::move(options));
}

std::unique_ptr<runtime_side> attached_runtime(caf::actor_system& system) {
  return std::make_unique<shared_system>(system);
}

}  // namespace gossamer::detail
