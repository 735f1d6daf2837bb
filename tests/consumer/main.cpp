// A program of somebody else: everything it needs of gossamer comes with gossamer::gossamer.
#include "runtime/base/ids.hpp"
#include "runtime/base/random.hpp"

#include <cstdio>

int main() {
  gossamer::seeded_random random{1};
  const gossamer::socket_id made{random, gossamer::node_tag{7}, gossamer::lane_index{2}};
  const auto parsed = gossamer::socket_id::parse(made.text());
  std::printf("%s\n", made.string().c_str());
  return parsed == made ? 0 : 1;
}
