#include "gateway/engineio/options.hpp"

namespace gossamer::engineio {

std::string mount_path(const options& settings) {
  std::string path = settings.path.empty() ? "/socket.io" : settings.path;
  if (path.back() == '/') path.pop_back();
  if (settings.add_trailing_slash) path += '/';
  return path;
}

bool offers_upgrade(const options& settings, transport_name transport) {
  return settings.allow_upgrades && settings.transports.websocket &&
         transport == transport_name::polling;
}

}  // namespace gossamer::engineio
