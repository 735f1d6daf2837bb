// Access to a lane's CAF execution unit, for those who spawn or run actors.
#pragma once

#include <caf/execution_unit.hpp>

namespace gossamer {

class lane;

/// The unit whose jobs the lane runs. The lane must belong to an actor system (a check). Any
/// thread.
[[nodiscard]] caf::execution_unit& unit(lane& where) noexcept;

/// The lane that `unit` belongs to, or nullptr for a unit that is not ours. Any thread.
[[nodiscard]] lane* lane_of(caf::execution_unit* unit) noexcept;

}  // namespace gossamer
