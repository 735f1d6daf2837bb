#include "actors/socket_core.hpp"

namespace gossamer::detail {
namespace {
class plain_socket final : public socket_core {
 public:
  using socket_core::socket_core;
  void release(disconnect_reason) noexcept override { delete this; }
};
}  // namespace
socket_core& make_socket_actor(server_core&, nsp_core& nsp, client_session& owner,
                               connection& link) {
  return *new plain_socket(nsp, owner, link);
}
}  // namespace gossamer::detail
