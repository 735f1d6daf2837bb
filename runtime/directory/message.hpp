// The messages of the directory, as values. `docs/wire/directory.md` gives their bytes.
//
// Each node is the only writer of its stream. update, part and digest go from the writer to a
// reader, want and ack back. `epoch` is always the boot epoch of the writer.
#pragma once

#include "runtime/directory/digest.hpp"
#include "runtime/directory/op.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace gossamer::directory {

/// The changes `first`, `first + 1`, ... of the stream.
struct update {
  std::uint64_t epoch = 0;
  /// Of the `want` that this answers; 0: it answers none.
  std::uint32_t round = 0;
  std::uint64_t first = 1;
  /// There are further changes, in the next update or waiting for acks: count on everything until
  /// they come.
  bool more = false;
  /// Please acknowledge at once.
  bool ask = false;
  std::vector<op> ops;
  bool operator==(const update&) const = default;
};

/// All, or a share, of what a bucket holds.
struct section {
  std::uint32_t bucket = 0;
  /// Replaces what was known of the bucket; otherwise it goes on with it.
  bool fresh = true;
  std::vector<op> ops;  // only `room_on`, in the extras only `count` and `watch_on`
  bool operator==(const section&) const = default;
};

/// A piece of a sync: the state of some buckets after the change `seq`.
struct part {
  std::uint64_t epoch = 0;
  std::uint32_t round = 0;
  std::uint32_t index = 0;
  std::uint64_t seq = 0;
  bool last = false;
  std::vector<section> sections;
  bool operator==(const part&) const = default;
};

/// The digest of everything after the change `seq`.
struct digest {
  std::uint64_t epoch = 0;
  std::uint64_t seq = 0;
  std::uint64_t root = 0;
  bool operator==(const digest&) const = default;
};

/// A reader asks for what follows `seq`. With `damaged`, or if that is no longer kept: for all
/// buckets whose digest is not the given one.
struct want {
  std::uint64_t epoch = 0;
  std::uint32_t round = 0;
  std::uint64_t seq = 0;
  bool damaged = false;
  /// Absent: the reader has nothing.
  std::optional<bucket_digests::numbers> digests;
  bool operator==(const want&) const = default;
};

/// A reader has everything up to `seq`, and of the sync `round` so many parts.
struct ack {
  std::uint64_t epoch = 0;
  std::uint64_t seq = 0;
  std::uint32_t round = 0;
  std::uint32_t parts = 0;
  bool operator==(const ack&) const = default;
};

using message = std::variant<update, part, digest, want, ack>;

}  // namespace gossamer::directory
