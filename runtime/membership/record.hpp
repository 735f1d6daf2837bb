// What a node says about itself, and the rules by which two such statements are compared.
//
// Identity: a random 128-bit id and a boot epoch (microseconds of wall time at boot, never smaller
// than the one before) stand for one boot of one process. The name is a label, the node tag a hint
// inside ids. Only the node itself raises its incarnation, so the highest incarnation is its newest
// statement.
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/membership/address.hpp"

#include <boost/container/static_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gossamer::membership {

inline constexpr std::size_t name_bytes_max = 64;
inline constexpr std::size_t metadata_bytes_max = 512;
inline constexpr std::size_t former_tags_max = 4;

/// The protocol versions a node can read, and the one it prefers to speak.
struct version_range {
  std::uint8_t min = 1;
  std::uint8_t max = 1;
  std::uint8_t current = 1;
  bool operator==(const version_range&) const = default;
  /// Is there a version that both can read?
  [[nodiscard]] bool overlaps(const version_range& other) const {
    return min <= other.max && other.min <= max;
  }
};

/// The versions of this build.
inline constexpr version_range own_versions{1, 1, 1};

// The check believes that moving the bounded vector throws: it cannot, it moves within its bound.
// NOLINTNEXTLINE(bugprone-exception-escape)
struct member_record {
  node_id id;
  std::uint64_t epoch = 0;
  std::uint64_t incarnation = 0;
  std::string name;
  address at;
  node_tag tag;
  /// Tags it used earlier in this boot: ids made with them are still served.
  boost::container::static_vector<node_tag, former_tags_max> former_tags;
  version_range versions = own_versions;
  /// It drains: others no longer choose it as a relay.
  bool leaving = false;
  /// Bytes for the layers above (roles, ports); at most `metadata_bytes_max`.
  std::string metadata;

  bool operator==(const member_record&) const = default;
  /// Does an id with this tag perhaps belong to it?
  [[nodiscard]] bool has_tag(node_tag wanted) const;
};

/// Did `a` boot after `b`? A total order of boots: epoch first, then id.
[[nodiscard]] bool booted_after(const member_record& a, const member_record& b);

/// The epoch of a boot: wall clock, but after `persisted`, the last one this node is known to have
/// used (0 if none).
[[nodiscard]] std::uint64_t next_epoch(std::uint64_t persisted, std::uint64_t wall_microseconds);

/// What a member is to another one. `left` is final for an id; `dead` is not.
enum class status : std::uint8_t { alive, suspect, dead, left };
[[nodiscard]] std::string_view text_of(status s);

/// SWIM's precedence: does a claim replace what is known?
///
/// Left replaces everything and is never replaced. Alive needs a higher incarnation. Suspect and
/// dead need an incarnation that is not lower, and replace only what is milder; suspect does not
/// replace dead.
[[nodiscard]] bool overrides(status claim, std::uint64_t claim_incarnation, status known,
                             std::uint64_t known_incarnation);

struct node_id_hash {
  std::size_t operator()(const node_id& id) const noexcept {
    return static_cast<std::size_t>(id.low ^ (id.high * 0x9e3779b97f4a7c15U));
  }
};

}  // namespace gossamer::membership
