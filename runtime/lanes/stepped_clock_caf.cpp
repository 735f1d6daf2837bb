#include "runtime/lanes/stepped_clock_caf.hpp"

#include <utility>

namespace gossamer {

std::optional<gossamer::time_point> stepped_clock::next_due() {
  const std::lock_guard lock(mutex_);
  if (schedule_.empty()) return std::nullopt;
  return schedule_.begin()->first;
}

std::size_t stepped_clock::run_due() {
  const std::lock_guard lock(mutex_);
  return trigger_expired_timeouts();
}

void stepped_clock::set_ordinary_timeout(time_point t, caf::abstract_actor* self,
                                         caf::atom_value type, std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  super::set_ordinary_timeout(t, self, type, id);
}

void stepped_clock::set_multi_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                                      std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  super::set_multi_timeout(t, self, type, id);
}

void stepped_clock::set_request_timeout(time_point t, caf::abstract_actor* self,
                                        caf::message_id id) {
  const std::lock_guard lock(mutex_);
  super::set_request_timeout(t, self, id);
}

void stepped_clock::cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) {
  const std::lock_guard lock(mutex_);
  super::cancel_ordinary_timeout(self, type);
}

void stepped_clock::cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) {
  const std::lock_guard lock(mutex_);
  super::cancel_request_timeout(self, id);
}

void stepped_clock::cancel_timeouts(caf::abstract_actor* self) {
  const std::lock_guard lock(mutex_);
  super::cancel_timeouts(self);
}

void stepped_clock::schedule_message(time_point t, caf::strong_actor_ptr receiver,
                                     caf::mailbox_element_ptr content) {
  const std::lock_guard lock(mutex_);
  super::schedule_message(t, std::move(receiver), std::move(content));
}

void stepped_clock::schedule_message(time_point t, caf::group target, caf::strong_actor_ptr sender,
                                     caf::message content) {
  const std::lock_guard lock(mutex_);
  super::schedule_message(t, std::move(target), std::move(sender), std::move(content));
}

void stepped_clock::cancel_all() {
  const std::lock_guard lock(mutex_);
  super::cancel_all();
}

}  // namespace gossamer
