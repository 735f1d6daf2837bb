// The keys of the directory: 64-bit hashes of rooms, namespaces and names.
//
// The hash is SipHash-2-4 under a secret that all nodes of a cluster share, so that clients who
// choose room names cannot choose collisions. A collision by chance costs one wasted message: who
// receives a broadcast looks at the name.
#pragma once

#include "runtime/base/ids.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gossamer::directory {

using key_secret = std::array<std::uint8_t, 16>;

/// SipHash-2-4 (Aumasson, Bernstein 2012) of `text`.
[[nodiscard]] std::uint64_t siphash(const key_secret& secret, std::string_view text);

/// One room as the directory knows it. `hint` is the tag of the node that perhaps made the id after
/// which the room is named; rooms whose name is no id have none.
struct room_key {
  std::uint64_t hash = 0;
  std::optional<node_tag> hint;
};

/// Makes keys. Never 0: the tables need that number.
class key_maker {
 public:
  explicit key_maker(key_secret secret) : secret_(secret) {}

  [[nodiscard]] room_key room(std::string_view nsp, std::string_view name) const;
  /// Interest: a node with sockets in the namespace. Count: its sockets there.
  [[nodiscard]] std::uint64_t nsp(std::string_view name) const;
  /// Interest: a node that registered an actor under this name.
  [[nodiscard]] std::uint64_t name(std::string_view text) const;
  /// Count: a sum over the whole cluster, such as all sockets.
  [[nodiscard]] std::uint64_t total(std::string_view what) const;

 private:
  enum class kind : char { room = 'r', nsp = 'n', name = 'a', total = 't' };
  [[nodiscard]] std::uint64_t make(kind k, std::string_view first, std::string_view second) const;

  key_secret secret_;
};

}  // namespace gossamer::directory
