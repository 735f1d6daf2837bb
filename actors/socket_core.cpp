#include "actors/socket_core.hpp"

#include "actors/ports/connection.hpp"
#include "actors/server_core.hpp"

namespace gossamer::detail {

socket_core::socket_core(nsp_core& its_nsp, client_session& its_owner, connection& its_link)
    : nsp(its_nsp),
      owner(&its_owner),
      link(&its_link),
      home_lane(its_link.home().index()),
      nsp_serial(its_nsp.ref().serial) {}

lane& socket_core::home() const {
  return nsp.server().lanes().at(home_lane);
}

socket_extras& socket_core::extra() {
  if (extras == nullptr) extras = std::make_unique<socket_extras>();
  return *extras;
}

void socket_core::release_later(disconnect_reason reason) {
  const auto end = [this, reason, &from = nsp, &here = home()] {
    {
      const callback_scope scope(here);
      const turn_scope turn(from.turns());
      extras.reset();  // destroys what the application has attached
    }
    release(reason);  // may destroy this
    from.server().leave(from);
  };
  // Refused: the lane has stopped, nothing runs any more.
  if (home().post(end) != post_result::accepted) end();
}

}  // namespace gossamer::detail
