// A namespace's handlers and counts.
#include "actors/include/gossamer/detail.hpp"
#include "actors/nsp_core.hpp"

namespace gossamer::detail {
namespace {

template <class Edit>
void change(const nsp_ref& nsp, const Edit& edit) {
  const nsp_use in(nsp);
  if (in) nsp.core->change(edit);
}

}  // namespace

void nsp_on(const nsp_ref& nsp, std::string event, event_handler handler) {
  change(nsp, [&](nsp_handlers& all) { all.events[event].push_back(handler); });
}
void nsp_off(const nsp_ref& nsp, std::string_view event) {
  change(nsp, [&](nsp_handlers& all) { all.events.erase(std::string(event)); });
}
void nsp_on_any(const nsp_ref& nsp, event_handler handler) {
  change(nsp, [&](nsp_handlers& all) { all.any.push_back(handler); });
}
void nsp_on_connection(const nsp_ref& nsp, connection_handler handler) {
  change(nsp, [&](nsp_handlers& all) { all.connection.push_back(handler); });
}
void nsp_on_disconnecting(const nsp_ref& nsp, disconnect_handler handler) {
  change(nsp, [&](nsp_handlers& all) { all.disconnecting.push_back(handler); });
}
void nsp_on_disconnect(const nsp_ref& nsp, disconnect_handler handler) {
  change(nsp, [&](nsp_handlers& all) { all.disconnect.push_back(handler); });
}
void nsp_on_room(const nsp_ref& nsp, room_change what, room_handler handler) {
  change(nsp, [&](nsp_handlers& all) { all.rooms.emplace_back(what, handler); });
}
void nsp_use_middleware(const nsp_ref& nsp, admission_handler handler) {
  change(nsp, [&](nsp_handlers& all) { all.middleware.push_back(handler); });
}
void nsp_map_errors(const nsp_ref& nsp, error_mapper mapper) {
  change(nsp, [&](nsp_handlers& all) { all.map_errors = mapper; });
}
void nsp_single_lane(const nsp_ref& nsp) {
  const nsp_use in(nsp);
  if (in) nsp.core->take_turns();
}

std::size_t socket_count(const nsp_ref& nsp) {
  const nsp_use in(nsp);
  return in ? nsp.core->socket_count() : 0;
}
std::size_t room_count(const nsp_ref& nsp) {
  const nsp_use in(nsp);
  return in ? nsp.core->rooms().populated() + nsp.core->socket_count() : 0;
}
std::size_t room_size(const nsp_ref& nsp, std::string_view room) {
  const nsp_use in(nsp);
  if (!in) return 0;
  const auto found = nsp.core->rooms().find(room);
  return found ? found->member_count() : 0;
}

}  // namespace gossamer::detail
