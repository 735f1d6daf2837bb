// A node as the one who asks it knows it.
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/membership/record.hpp"

#include <string>

namespace gossamer::cluster {

struct member {
  node_id id;
  std::string name;
  bool operator==(const member&) const = default;
};

using membership::node_id_hash;

}  // namespace gossamer::cluster
