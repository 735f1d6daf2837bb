#include "runtime/lanes/actors_caf.hpp"

#include "runtime/base/check.hpp"
#include "runtime/lanes/lane_core.hpp"
#include "runtime/lanes/scheduler_caf.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/exit_reason.hpp>
#include <caf/make_message.hpp>
#include <caf/sec.hpp>

namespace gossamer {

namespace {

lane& lane_in(const caf::actor_config& config) {
  lane* found = lane_of(config.host);
  GOSSAMER_CHECK(found != nullptr);  // spawn it with spawn_on
  return *found;
}

actor_census& census_of(caf::actor_system& system) {
  auto* scheduler = lane_scheduler::of(system);
  GOSSAMER_CHECK(scheduler != nullptr);
  return scheduler->census();
}

post_kind kind_of(const caf::mailbox_element& message) {
  if (message.mid.is_response()) return post_kind::control;
  const auto token = message.content().type_token();
  const bool control = token == caf::make_type_token<caf::exit_msg>() ||
                       token == caf::make_type_token<caf::down_msg>();
  return control ? post_kind::control : post_kind::data;
}

}  // namespace

/// A message on its way to a lean actor. Destroyed without having run, it bounces a request.
class message_delivery final : public delivery {
 public:
  message_delivery(lean_actor& to, caf::mailbox_element_ptr what)
      : to_(to.ctrl()), what_(std::move(what)) {
    cost_bytes = sizeof(*this) + sizeof(caf::mailbox_element) + 64;
  }
  ~message_delivery() override {
    if (what_ == nullptr) return;
    const caf::detail::sync_request_bouncer bounce{caf::exit_reason::unreachable};
    bounce(*what_);
  }
  void run(lane&) noexcept override {
    auto& actor = static_cast<lean_actor&>(*to_->get());
    if (actor.terminated()) return;
    actor.receive(*what_);
    what_.reset();
  }

 private:
  caf::strong_actor_ptr to_;
  caf::mailbox_element_ptr what_;
};

// -- lean_actor -----------------------------------------------------------------------------------

lean_actor::lean_actor(caf::actor_config& config)
    : caf::local_actor(config), home_(lane_in(config).shared_from_this()) {}

lean_actor::~lean_actor() = default;

void lean_actor::launch(caf::execution_unit*, bool, bool hide) {
  if (!hide) register_at_system();
  census_of(system()).lean_alive.fetch_add(1, std::memory_order_relaxed);
  caf::intrusive_ptr_add_ref(ctrl());  // given back by finish()
  if (home_->is_current()) {
    begin();
    return;
  }
  const caf::strong_actor_ptr keep(ctrl());
  const auto posted = home_->post([keep] { static_cast<lean_actor&>(*keep->get()).begin(); });
  if (posted != post_result::accepted) finish(caf::exit_reason::user_shutdown);
}

void lean_actor::begin() noexcept {
  if (!terminated_) static_cast<lane_unit&>(unit(*home_)).add(*this);
}

void lean_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  const auto kind = kind_of(*what);
  static_cast<void>(home_->post(std::make_unique<message_delivery>(*this, std::move(what)), kind));
}

void lean_actor::receive(caf::mailbox_element& message) noexcept {
  context(&unit(*home_));
  current_element_ = &message;
  const bool fine = home_->core().guarded([&] { dispatch(message); });
  if (!fine && message.mid.is_request() && !message.mid.is_answered()) {
    home_->core().guarded(
        [&] { reply(message, caf::make_message(caf::make_error(caf::sec::runtime_error))); });
  }
  current_element_ = nullptr;
}

void lean_actor::dispatch(caf::mailbox_element& message) {
  auto& content = message.content();
  if (content.type_token() == caf::make_type_token<caf::exit_msg>()) {
    on_exit_message(std::move(content.get_mutable_as<caf::exit_msg>(0).reason));
  } else if (content.type_token() == caf::make_type_token<caf::down_msg>()) {
    on_down_message(content.get_mutable_as<caf::down_msg>(0));
  } else if (!handle_system_message(message, context(), true)) {
    on_message(message);
  }
}

void lean_actor::reply(caf::mailbox_element& to, caf::message answer) {
  if (!to.mid.is_request() || to.mid.is_answered() || to.sender == nullptr) return;
  const auto id = to.mid.response_id();
  to.mid.mark_as_answered();
  to.sender->enqueue(caf::strong_actor_ptr(ctrl()), id, std::move(answer), context());
}

void lean_actor::drop_unknown(caf::mailbox_element& message) {
  census_of(system()).unknown_messages.fetch_add(1, std::memory_order_relaxed);
  reply(message, caf::make_message(caf::make_error(caf::sec::unexpected_message)));
}

void lean_actor::terminate(caf::error reason) {
  home_->check();
  if (!terminated_) finish(std::move(reason));
}

void lean_actor::finish(caf::error reason) {
  const caf::strong_actor_ptr keep(ctrl(), false);  // takes over what launch() added
  terminated_ = true;
  unlink();
  home_->core().guarded([&] { on_exit(); });
  cleanup(std::move(reason), home_->is_current() ? &unit(*home_) : nullptr);
  census_of(system()).lean_alive.fetch_sub(1, std::memory_order_relaxed);
}

// As in local_actor, but without a word to CAF's clock: a lean actor sets no timeouts there, and
// the clock's queue would hold up a lane that closes many.
bool lean_actor::cleanup(caf::error&& reason, caf::execution_unit* host) {
  unregister_from_system();
  // NOLINTNEXTLINE(bugprone-parent-virtual-call): local_actor is left out on purpose
  return caf::monitorable_actor::cleanup(std::move(reason), host);
}

// -- pinned_actor ---------------------------------------------------------------------------------

pinned_actor::pinned_actor(caf::actor_config& config)
    : caf::event_based_actor(config), home_(lane_in(config)), unit_(config.host) {
  census_of(system()).joined(address());
  set_default_handler([](caf::scheduled_actor* self, caf::message_view&) {
    census_of(self->system()).unknown_messages.fetch_add(1, std::memory_order_relaxed);
    return caf::result<caf::message>(caf::sec::unexpected_message);
  });
  set_down_handler([](caf::scheduled_actor*, caf::down_msg&) {});
  set_exception_handler([](caf::scheduled_actor* self, std::exception_ptr& thrown) -> caf::error {
    auto& home = static_cast<pinned_actor*>(self)->home();
    const handler_scope scope(home, self->name());
    home.core().guarded([&] { std::rethrow_exception(thrown); });
    return caf::sec::runtime_error;
  });
}

void pinned_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  caf::event_based_actor::enqueue(std::move(what), unit_);
}

bool pinned_actor::cleanup(caf::error&& reason, caf::execution_unit* host) {
  census_of(system()).left(address());
  return caf::event_based_actor::cleanup(std::move(reason), host);
}

}  // namespace gossamer
