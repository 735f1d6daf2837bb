#include "runtime/membership/record.hpp"

#include <algorithm>
#include <tuple>

namespace gossamer::membership {

bool member_record::has_tag(node_tag wanted) const {
  return tag == wanted ||
         std::find(former_tags.begin(), former_tags.end(), wanted) != former_tags.end();
}

bool booted_after(const member_record& a, const member_record& b) {
  return std::tie(a.epoch, a.id) > std::tie(b.epoch, b.id);
}

std::uint64_t next_epoch(std::uint64_t persisted, std::uint64_t wall_microseconds) {
  return std::max(persisted + 1, wall_microseconds);
}

std::string_view text_of(status s) {
  switch (s) {
    case status::alive: return "alive";
    case status::suspect: return "suspect";
    case status::dead: return "dead";
    case status::left: return "left";
  }
  return "unknown";
}

bool overrides(status claim, std::uint64_t claim_incarnation, status known,
               std::uint64_t known_incarnation) {
  if (known == status::left) return false;
  if (claim == status::left) return true;
  if (claim == status::alive) return claim_incarnation > known_incarnation;
  if (known == status::dead) return false;
  if (claim == known) return claim_incarnation > known_incarnation;
  if (claim == status::suspect || claim == status::dead) {
    return claim_incarnation >= known_incarnation;
  }
  return false;
}

}  // namespace gossamer::membership
