// The actor part of a socket: messages, exits and monitors. The rest is socket_core.
#include "actors/client_session.hpp"
#include "actors/include/gossamer/actors.hpp"
#include "actors/requests_caf.hpp"
#include "actors/server_core.hpp"
#include "runtime/lanes/actors_caf.hpp"

#include <caf/exit_reason.hpp>
#include <caf/message_handler.hpp>

namespace gossamer {
namespace detail {
namespace {

class socket_actor final : public lean_actor, public socket_core {
 public:
  socket_actor(caf::actor_config& config, nsp_core* nsp, client_session* owner, connection* link)
      : lean_actor(config), socket_core(*nsp, *owner, *link) {}

  [[nodiscard]] const char* name() const override { return "socket"; }
  void release(disconnect_reason reason) noexcept override { terminate(exit_reason_of(reason)); }

 protected:
  void on_message(caf::mailbox_element& message) override {
    const callback_scope scope(lean_actor::home());
    if (message.mid.is_response()) return take_answer(*this, message);
    const auto who = ref();
    caf::message_handler known{
        [&](emit_event& event) { (void)socket(who).emit(event.name, event.arguments); },
        [&](join_rooms& rooms) { (void)join(who, rooms.names); },
        [&](leave_rooms& rooms) { (void)leave(who, rooms.names); },
        [&](disconnect_socket& how) { (void)disconnect(who, how.close); },
    };
    auto content = message.move_content_to_message();
    if (!known(content)) drop_unknown(message);
  }

  void on_exit_message(caf::error reason) override {
    if (state == socket_state::closing || state == socket_state::closed) return;
    const callback_scope scope(lean_actor::home());
    client_session::disconnect(*this, reason == caf::exit_reason::kill);
  }
};

}  // namespace

socket_core& make_socket_actor(server_core&, nsp_core& nsp, client_session& owner,
                               connection& link) {
  const auto handle = spawn_on<socket_actor>(link.home(), &nsp, &owner, &link);
  return *static_cast<socket_actor*>(caf::actor_cast<caf::abstract_actor*>(handle));
}

}  // namespace detail

caf::actor actor_of(const socket& who) {
  const auto& ref = who.ref();
  const detail::nsp_use in(ref);
  if (!in) return {};
  ref.nsp->server().lanes().at(ref.home).check();
  auto* core = ref.nsp->server().find(ref);
  if (core == nullptr) return {};
  return caf::actor_cast<caf::actor>(static_cast<detail::socket_actor*>(core));
}

caf::error exit_reason_of(disconnect_reason reason) {
  return {static_cast<std::uint8_t>(static_cast<std::uint8_t>(reason) + 1), caf::atom("sio")};
}

}  // namespace gossamer
