// A socket's own handlers: adding, removing and counting them. All of it on the socket's lane.
#include "actors/include/gossamer/detail.hpp"
#include "actors/server_core.hpp"
#include "actors/socket_core.hpp"

#include <algorithm>

namespace gossamer::detail {
namespace {

socket_extras* extras_of(const socket_ref& who) {
  auto* socket = on_lane(who);
  return socket == nullptr ? nullptr : socket->extras.get();
}

template <class Handler>
handler_id add(socket_core& socket, std::vector<socket_extras::catch_all<Handler>>& to,
               Handler handler, position where) {
  const auto id = socket.extra().next_handler_id();
  to.insert(where == position::first ? to.begin() : to.end(),
            {id, std::make_shared<const Handler>(std::move(handler))});
  return id;
}

template <class List>
bool remove(List& from, handler_id which) {
  return std::erase_if(from, [which](const auto& one) { return one.id == which; }) != 0;
}

}  // namespace

handler_id on(const socket_ref& who, std::string event, event_handler handler, bool once) {
  auto* socket = on_lane(who);
  if (socket == nullptr) return {};
  auto& extra = socket->extra();
  const auto id = extra.next_handler_id();
  extra.handlers.push_back(
      {id, std::move(event), std::make_shared<const event_handler>(std::move(handler)), once});
  return id;
}

void off(const socket_ref& who, std::string_view event) {
  if (auto* extra = extras_of(who)) {
    std::erase_if(extra->handlers, [&](const auto& one) { return one.event == event; });
  }
}

bool off(const socket_ref& who, handler_id which) {
  auto* socket = on_lane(who);
  if (socket == nullptr || socket->extras == nullptr) return false;
  auto& extra = *socket->extras;
  const bool removed = remove(extra.handlers, which) || remove(extra.any, which) ||
                       remove(extra.any_outgoing, which);
  socket->watches_outgoing = !extra.any_outgoing.empty();
  return removed;
}

std::size_t listeners(const socket_ref& who, std::string_view event) {
  const auto* extra = extras_of(who);
  if (extra == nullptr) return 0;
  return static_cast<std::size_t>(
      std::count_if(extra->handlers.begin(), extra->handlers.end(),
                    [event](const auto& one) { return one.event == event; }));
}

handler_id on_any(const socket_ref& who, event_handler handler, position where) {
  auto* socket = on_lane(who);
  return socket == nullptr ? handler_id{}
                           : add(*socket, socket->extra().any, std::move(handler), where);
}

void off_any(const socket_ref& who) {
  if (auto* extra = extras_of(who)) extra->any.clear();
}

std::size_t listeners_any(const socket_ref& who) {
  const auto* extra = extras_of(who);
  return extra == nullptr ? 0 : extra->any.size();
}

handler_id on_any_outgoing(const socket_ref& who, outgoing_handler handler, position where) {
  auto* socket = on_lane(who);
  if (socket == nullptr) return {};
  socket->watches_outgoing = true;
  return add(*socket, socket->extra().any_outgoing, std::move(handler), where);
}

void off_any_outgoing(const socket_ref& who) {
  auto* socket = on_lane(who);
  if (socket == nullptr || socket->extras == nullptr) return;
  socket->extras->any_outgoing.clear();
  socket->watches_outgoing = false;
}

std::size_t listeners_any_outgoing(const socket_ref& who) {
  const auto* extra = extras_of(who);
  return extra == nullptr ? 0 : extra->any_outgoing.size();
}

void on_disconnecting(const socket_ref& who, disconnect_handler handler) {
  if (auto* socket = on_lane(who)) socket->extra().disconnecting.push_back(std::move(handler));
}

void on_disconnect(const socket_ref& who, disconnect_handler handler) {
  if (auto* socket = on_lane(who)) socket->extra().disconnect.push_back(std::move(handler));
}

void use(const socket_ref& who, packet_handler handler) {
  if (auto* socket = on_lane(who)) {
    socket->extra().middleware.push_back(
        std::make_shared<const packet_handler>(std::move(handler)));
  }
}

void on_error(const socket_ref& who, error_handler handler) {
  if (auto* socket = on_lane(who)) socket->extra().errors.push_back(std::move(handler));
}

std::stop_token stop_token_of(const socket_ref& who) {
  auto* socket = on_lane(who);
  if (socket == nullptr || socket->state == socket_state::closed) {
    std::stop_source gone;
    gone.request_stop();
    return gone.get_token();
  }
  auto& stop = socket->extra().stop;
  if (!stop.stop_possible()) stop = std::stop_source();
  return stop.get_token();
}

}  // namespace gossamer::detail
