// CAF's clock in virtual time: timeouts of requests and delayed messages come when a manual_clock
// says so.
//
// Any thread; `run_due` on the one that drives the lanes.
#pragma once

#include "runtime/lanes/manual_clock.hpp"

#include <caf/detail/simple_actor_clock.hpp>

#include <memory>
#include <mutex>

namespace gossamer {

class stepped_clock final : public caf::detail::simple_actor_clock, public time_waiter {
 public:
  explicit stepped_clock(std::shared_ptr<const manual_clock> time) : time_(std::move(time)) {}

  [[nodiscard]] std::optional<gossamer::time_point> next_due() override;
  std::size_t run_due() override;

  [[nodiscard]] time_point now() const noexcept override { return time_->now(); }
  void set_ordinary_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                            std::uint64_t id) override;
  void set_multi_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                         std::uint64_t id) override;
  void set_request_timeout(time_point t, caf::abstract_actor* self, caf::message_id id) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override;
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void schedule_message(time_point t, caf::group target, caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_all() override;

 private:
  using super = caf::detail::simple_actor_clock;
  const std::shared_ptr<const manual_clock> time_;
  std::recursive_mutex mutex_;  // what is due may end an actor, which cancels its timeouts
};

}  // namespace gossamer
