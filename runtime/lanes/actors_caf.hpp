// Actors that live on one lane: lean ones without a mailbox, and CAF's own kind pinned to a lane.
//
// A lean actor is a true CAF actor (handles, messages, monitors, links, exits), but whatever is
// sent to it becomes a delivery in its lane's queue, so that messages keep their order with
// everything else that reaches the lane. It is for sockets: about 200 bytes and a control block
// each.
#pragma once

#include "runtime/lanes/intrusive_link.hpp"
#include "runtime/lanes/lane.hpp"
#include "runtime/lanes/lane_caf.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/local_actor.hpp>
#include <caf/logger.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/system_messages.hpp>

#include <memory>
#include <utility>

namespace gossamer {

/// Runs on: its lane, except where "any thread" is said.
/// Owns: a reference to itself from launch until `terminate`, so it never ends because nobody holds
///   a handle. A handle dropped last, on any thread, only frees memory.
/// Limits: those of the lane's queue. Messages are `data`; exits, downs and responses `control`. A
///   request that finds the queue full or the actor gone is answered by request_receiver_down.
class lean_actor : public caf::local_actor, private detail::intrusive_link {
 public:
  using signatures = caf::none_t;
  using behavior_type = caf::behavior;

  /// The host in `config` must be a lane's unit: use spawn_on.
  explicit lean_actor(caf::actor_config& config);
  ~lean_actor() override;

  [[nodiscard]] lane& home() const noexcept { return *home_; }
  [[nodiscard]] bool terminated() const noexcept { return terminated_; }

  /// Ends the actor: on_exit(), then monitors and links are told `reason`. Only the first call
  /// counts. May destroy the actor unless the caller holds a handle.
  void terminate(caf::error reason);

  using caf::local_actor::enqueue;
  /// Any thread.
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* from) final;
  /// Any thread.
  void launch(caf::execution_unit* unit, bool lazy, bool hide) final;
  [[nodiscard]] const char* name() const override { return "lean_actor"; }
  bool cleanup(caf::error&& reason, caf::execution_unit* host) override;

 protected:
  /// A message that is no exit, down or system message. What it throws is logged and answers a
  /// request with sec::runtime_error; the actor lives on.
  virtual void on_message(caf::mailbox_element& message) = 0;
  /// An exit message of any reason, also of links and of the runtime's shutdown.
  virtual void on_exit_message(caf::error reason) { terminate(std::move(reason)); }
  /// A monitored actor has ended.
  virtual void on_down_message(caf::down_msg&) {}

  /// For messages that on_message does not know: counts, and answers a request with
  /// sec::unexpected_message.
  void drop_unknown(caf::mailbox_element& message);
  /// Answers a request, once; does nothing for other messages.
  void reply(caf::mailbox_element& to, caf::message answer);

 private:
  friend class lane_unit;
  friend class message_delivery;
  void receive(caf::mailbox_element& message) noexcept;
  void dispatch(caf::mailbox_element& message);
  void begin() noexcept;
  void finish(caf::error reason);

  std::shared_ptr<lane> home_;  // handles may outlive the lanes, and are sent to all the same
  bool terminated_ = false;
};

/// An event_based_actor that runs on one lane, for the few infrastructure actors. Unknown messages
/// are dropped and counted, unhandled downs dropped, exceptions logged. Its messages go through
/// CAF's mailbox: no order with the lane's deliveries.
class pinned_actor : public caf::event_based_actor {
 public:
  explicit pinned_actor(caf::actor_config& config);

  [[nodiscard]] lane& home() const noexcept { return home_; }
  using caf::event_based_actor::enqueue;
  /// Any thread.
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* from) final;
  bool cleanup(caf::error&& reason, caf::execution_unit* host) override;
  [[nodiscard]] const char* name() const override { return "pinned_actor"; }

 private:
  lane& home_;
  caf::execution_unit* unit_;  // not touched once the actor's mailbox is closed
};

/// Spawns a lean_actor or pinned_actor on a lane. Any thread. (Spawning directly with CAF makes the
/// calling thread hold the system's logger, and ~actor_system waits until such a thread ends.)
template <class T, caf::spawn_options Options = caf::no_spawn_options, class... Args>
caf::actor spawn_on(lane& where, Args&&... args) {
  caf::actor_config config{&unit(where)};
  auto& system = unit(where).system();
  auto made = system.template spawn_class<T, Options>(config, std::forward<Args>(args)...);
  caf::logger::set_current_actor_system(nullptr);
  return made;
}

}  // namespace gossamer
