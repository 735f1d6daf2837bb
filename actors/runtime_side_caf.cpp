#include "actors/room_actors_caf.hpp"
#include "actors/runtime_side.hpp"
#include "runtime/lanes/actor_runtime_caf.hpp"

namespace gossamer::detail {
namespace {

class caf_runtime final : public runtime_side {
 public:
  explicit caf_runtime(lane_options options) : runtime_(std::move(options), add_room_groups) {}
  explicit caf_runtime(caf::actor_system& system) : runtime_(system) {}
  [[nodiscard]] lane_group& lanes() override { return runtime_.lanes(); }
  [[nodiscard]] caf::actor_system& system() override { return runtime_.system(); }
  bool stop(milliseconds deadline, const std::function<void()>& after_lanes) override {
    return runtime_.stop(deadline, after_lanes).clean();
  }

 private:
  actor_runtime runtime_;
};

}  // namespace

std::unique_ptr<runtime_side> own_runtime(lane_options options) {
  return std::make_unique<caf_runtime>(std::move(options));
}

std::unique_ptr<runtime_side> attached_runtime(caf::actor_system& system) {
  return std::make_unique<caf_runtime>(system);
}

}  // namespace gossamer::detail
