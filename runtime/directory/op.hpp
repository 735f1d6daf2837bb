// One change in a node's stream: the current state of one key, not a difference.
#pragma once

#include <cstdint>

namespace gossamer::directory {

enum class op_kind : std::uint8_t {
  room_on = 1,   // interested
  room_off = 2,  // no longer
  count = 3,     // the count under this key is now `value`; 0 if it is gone
  watch_on = 4,  // please publish the count of this room's members
  watch_off = 5,
};

struct op {
  std::uint64_t key = 0;
  std::uint32_t value = 0;
  op_kind kind = op_kind::room_on;
  bool operator==(const op&) const = default;
};

}  // namespace gossamer::directory
