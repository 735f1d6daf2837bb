// How much of the heap the C++ code of this process holds, counted by its own operator new; what a
// sanitizer keeps aside for itself does not count.
#pragma once

#include <cstddef>

namespace gossamer::test {

/// Bytes from operator new that were not given back yet. Any thread.
[[nodiscard]] std::ptrdiff_t live_heap_bytes();
/// The same as a number of objects.
[[nodiscard]] std::ptrdiff_t live_heap_objects();

}  // namespace gossamer::test
