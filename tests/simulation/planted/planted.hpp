// Which planted defect is awake: `plant.cmake` numbers them; 0 is none.
#pragma once

namespace gossamer {

inline thread_local int planted_defect = 0;

inline bool planted(int number) {
  return planted_defect == number;
}

}  // namespace gossamer
