// Bytes of the messages between nodes, and back.
//
// A blob is a version byte, its place in the session of the link, and records; a record is a type,
// a size and the message's fields. Unknown types are skipped and counted; bytes behind the known
// fields are ignored; fields that the blob's version does not have keep their defaults. So a later
// version adds types, and fields at the end.
//
// Limits: bounds.hpp; every length and count is checked before anything is allocated for it.
// Errors: `errc::malformed`, `errc::too_large`, `errc::wrong_version`. Nothing throws.
#pragma once

#include "runtime/base/bytes.hpp"
#include "runtime/cluster/bounds.hpp"
#include "runtime/cluster/errc.hpp"
#include "runtime/cluster/message.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace gossamer::cluster {

/// This build speaks the newest that both sides know: N, or N-1 to a node not yet replaced.
inline constexpr std::uint8_t version_min = 1;
inline constexpr std::uint8_t version_max = 2;

/// Types from here on belong to the link: they take no number in its order.
inline constexpr std::uint8_t link_types_begin = 240;

/// The type byte of a message, as `docs/wire/cluster.md` lists them.
[[nodiscard]] std::uint8_t type_of(const message& m);

/// One message as a record of that version: encoded once, put into the blobs of many links.
[[nodiscard]] result<bytes> encode(const message& m, std::uint8_t version);

/// Where a blob stands: the number of its first message in this session of the link.
struct blob_head {
  std::uint8_t version = version_max;
  std::uint64_t session = 0;
  std::uint64_t sequence = 0;
  bool operator==(const blob_head&) const = default;
};
inline constexpr std::size_t blob_head_bytes = 22;

/// The records one after the other. At most blob_messages_max of them.
[[nodiscard]] bytes make_blob(const blob_head& head, std::span<const bytes> records);

struct numbered {
  std::uint64_t sequence = 0;
  std::size_t size_bytes = 0;
  message what;
};

struct blob {
  blob_head head;
  /// Numbers of the messages in this blob, unknown ones among them.
  std::uint64_t count = 0;
  std::vector<numbered> messages;
  /// credit, credit_query
  std::vector<message> of_the_link;
  std::size_t skipped_count = 0;  // messages of unknown type
};

[[nodiscard]] result<blob> decode(std::string_view bytes_of_a_blob);

}  // namespace gossamer::cluster
