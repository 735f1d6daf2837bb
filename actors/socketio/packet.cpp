#include "actors/socketio/packet.hpp"

#include <algorithm>
#include <array>

namespace gossamer::socketio {

bool is_reserved_event(std::string_view name) {
  static constexpr std::array<std::string_view, 6> reserved{
      "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

}  // namespace gossamer::socketio
