#include "actors/socket_core.hpp"

#include "actors/ports/connection.hpp"
#include "actors/server_core.hpp"

namespace gossamer::detail {

lane& socket_core::home() const {
  return nsp.server().lanes().at(id.lane());
}

socket_extras& socket_core::extra() {
  if (extras == nullptr) extras = std::make_unique<socket_extras>();
  return *extras;
}

void socket_core::release_later(disconnect_reason reason) {
  const auto posted = home().post([this, reason] { release(reason); });
  if (posted != post_result::accepted)
    release(reason);  // the lane has stopped: nothing runs any more
}

}  // namespace gossamer::detail
