// Random streams of client frames: messages, fragments, control frames, now and then a broken rule
// or plain garbage.
#pragma once

#include "runtime/base/random.hpp"

#include <cstddef>
#include <string>

namespace gossamer::websocket {

struct stream_profile {
  std::size_t frames_max = 12;
  std::size_t payload_max = 300;
  std::size_t fault_one_in = 8;  // how often a frame breaks a rule; 0: never
};

[[nodiscard]] std::string random_stream(random_source& random, const stream_profile& profile);

}  // namespace gossamer::websocket
