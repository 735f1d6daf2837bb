#include "actors/requests_caf.hpp"

#include "actors/callback_scope.hpp"
#include "actors/server_core.hpp"
#include "runtime/lanes/actors_caf.hpp"
#include "runtime/lanes/lane_caf.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/make_message.hpp>
#include <caf/sec.hpp>

#include <utility>

namespace gossamer {
namespace detail {
namespace {

constexpr std::size_t delivery_cost = 256;

actor_answer failed(const error_code& code) {
  return {{}, code, socket_request::error_of(code)};
}

actor_answer failed(caf::error why) {
  const bool late = why == caf::sec::request_timeout;
  return {{}, late ? errc::ack_timeout : errc::request_failed, std::move(why)};
}

}  // namespace

error_code socket_requests::send(const caf::strong_actor_ptr& to, caf::message what,
                                 milliseconds timeout, answer_handler done) {
  auto& self = dynamic_cast<lean_actor&>(socket_);
  auto& home = socket_.home();
  const auto id = self.new_request_id(caf::message_priority::normal);
  const auto added =
      waiting_.add(id.response_id().integer_value(), std::move(done), home.now() + timeout);
  if (!added) return added.error();
  rearm();
  to->enqueue(caf::strong_actor_ptr(self.ctrl()), id, std::move(what), &unit(home));
  return {};
}

void socket_requests::take(caf::mailbox_element& answer) {
  auto done = waiting_.complete(answer.mid.integer_value());
  if (!done) return;
  auto content = answer.move_content_to_message();
  if (content.match_elements<caf::error>()) {
    call(*done, failed(std::move(content.get_mutable_as<caf::error>(0))));
  } else {
    call(*done, {std::move(content), {}, {}});
  }
}

void socket_requests::end_all() {
  timer::cancel();
  for (auto& done : waiting_.drain()) call(done, failed(make_error_code(errc::disconnected)));
}

void socket_requests::on_timer(time_point now) {
  auto& server = socket_.nsp.server();
  const auto ref = socket_.ref();
  const callback_scope scope(socket_.home());
  for (auto& done : waiting_.expire(now)) call(done, failed(caf::sec::request_timeout));
  if (server.find(ref) != nullptr) rearm();  // else one of them has ended the socket
}

void socket_requests::rearm() {
  if (const auto due = waiting_.next_deadline()) socket_.home().arm(*this, *due);
}

// What it throws is logged and goes no further.
void socket_requests::call(answer_handler& done, actor_answer got) {
  const auto ref = socket_.ref();
  const handler_scope named(socket_.home(), "request");
  const turn_scope turn(socket_.nsp.turns());
  try {
    done(std::move(got));
  } catch (...) {
    answer_exception(ref, {}, "request", std::current_exception());
  }
}

void take_answer(const socket_core& to, caf::mailbox_element& answer) {
  if (to.extras == nullptr || to.extras->requests == nullptr) return;
  static_cast<socket_requests&>(*to.extras->requests).take(answer);
}

namespace {

// Fails with what is known at once; otherwise `kept` is called later.
error_code try_ask(const socket_ref& who, caf::strong_actor_ptr to, caf::message what,
                   milliseconds timeout, const std::shared_ptr<answer_handler>& kept) {
  const nsp_use in(who);
  if (!in) return errc::disconnected;
  auto& home = who.nsp->server().lanes().at(who.home);
  const auto act = [who, to = std::move(to), what = std::move(what), timeout,
                    kept]() -> error_code {
    auto* socket = who.nsp->server().find(who);
    const bool open = socket != nullptr && (socket->state == socket_state::connecting ||
                                            socket->state == socket_state::connected);
    if (!open) return errc::disconnected;
    if (to == nullptr) return errc::request_failed;
    auto& requests = socket->extra().requests;
    if (requests == nullptr) requests = std::make_unique<socket_requests>(*socket);
    return static_cast<socket_requests&>(*requests).send(
        to, what, timeout, [kept](actor_answer got) { (*kept)(std::move(got)); });
  };
  if (acting_lane() == &home) return act();
  return server_core::to_error(home.post(
      [&home, act, kept] {
        const callback_scope scope(home);
        if (const auto why = act()) std::exchange(*kept, nullptr)(failed(why));
      },
      delivery_cost, post_kind::data));
}

}  // namespace

void ask_actor(const socket_ref& who, caf::strong_actor_ptr to, caf::message what,
               milliseconds timeout, answer_handler done) {
  // Kept outside of the delivery, to be told if that is refused or finds no socket.
  const auto kept = std::make_shared<answer_handler>(std::move(done));
  if (const auto why = try_ask(who, std::move(to), std::move(what), timeout, kept)) {
    std::exchange(*kept, nullptr)(failed(why));
  }
}

}  // namespace detail

caf::error socket_request::error_of(const error_code& code) {
  const bool ours = code.category() == gossamer_category();
  const auto number = ours ? code.value() : static_cast<int>(errc::request_failed);
  return {static_cast<std::uint8_t>(number), caf::atom("gossamer"),
          caf::make_message(code.message())};
}

}  // namespace gossamer
