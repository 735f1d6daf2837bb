// What a server refuses to be built with.
//
// Pure.
#pragma once

#include "gateway/include/gossamer/options.hpp"

#include <cstddef>

namespace gossamer {

/// Errors: throws std::invalid_argument, which names the option and what is allowed.
void check_options(const options& from);
/// The same for lanes that are there already, of an actor system of the program's own.
void check_lanes(const options& from, std::size_t lanes, bool polled);

}  // namespace gossamer
