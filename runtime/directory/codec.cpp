#include "runtime/directory/codec.hpp"

#include "runtime/base/wire.hpp"

#include <limits>
#include <utility>

namespace gossamer::directory {

namespace {

using wire::put_fixed;
using wire::put_u8;
using wire::put_varint;
using wire::reader;

enum class type : std::uint8_t { update = 1, part = 2, digest = 3, want = 4, ack = 5 };

constexpr std::uint8_t flag_more = 1;  // of an update
constexpr std::uint8_t flag_ask = 2;
constexpr std::uint8_t flag_last = 1;     // of a part
constexpr std::uint8_t flag_fresh = 1;    // of a section
constexpr std::uint8_t flag_damaged = 1;  // of a want
constexpr std::uint8_t flag_digests = 2;

constexpr std::uint64_t sequence_max = std::uint64_t{1} << 62U;
constexpr std::uint64_t number32_max = std::numeric_limits<std::uint32_t>::max();
constexpr unsigned hash_bytes = 8;
/// A room in the section of its bucket leaves out the bucket's number.
constexpr unsigned short_hash_bytes = 7;

std::string begin(type t) {
  std::string out;
  put_u8(out, version_max);
  put_u8(out, static_cast<std::uint8_t>(t));
  return out;
}

void put_op(std::string& out, const op& o) {
  put_u8(out, static_cast<std::uint8_t>(o.kind));
  put_fixed(out, o.key, hash_bytes);
  if (o.kind == op_kind::count) put_varint(out, o.value);
}

/// Key 0 is nobody's, and kinds are few: both spoil the reader.
op take_op(reader& in) {
  const std::uint8_t kind = in.u8();
  op o{in.fixed(hash_bytes), 0, static_cast<op_kind>(kind)};
  if (kind < 1 || kind > 5 || o.key == 0) in.fail();
  if (o.kind == op_kind::count) o.value = static_cast<std::uint32_t>(in.varint(number32_max));
  return o;
}

std::uint32_t take_u32(reader& in) {
  return static_cast<std::uint32_t>(in.fixed(4));
}

// update

std::string encoded(const update& m) {
  std::string out = begin(type::update);
  put_fixed(out, m.epoch, 8);
  put_fixed(out, m.round, 4);
  put_varint(out, m.first);
  put_u8(out, (m.more ? flag_more : 0) | (m.ask ? flag_ask : 0));
  put_varint(out, m.ops.size());
  for (const op& o : m.ops) put_op(out, o);
  return out;
}

update take_update(reader& in) {
  update m{in.fixed(8), take_u32(in), in.varint(sequence_max), false, false, {}};
  if (m.first == 0) in.fail();
  const std::uint8_t flags = in.u8();
  m.more = (flags & flag_more) != 0;
  m.ask = (flags & flag_ask) != 0;
  const std::size_t count = in.varint(update_ops_max);
  if (count > in.left() / (1 + hash_bytes)) in.fail();
  if (in.failed()) return m;
  m.ops.reserve(count);
  for (std::size_t i = 0; i < count && !in.failed(); ++i) m.ops.push_back(take_op(in));
  return m;
}

// part

void put_section(std::string& out, const section& s) {
  put_varint(out, s.bucket);
  put_u8(out, s.fresh ? flag_fresh : 0);
  put_varint(out, s.ops.size());
  for (const op& o : s.ops) {
    if (s.bucket == extras_bucket) {
      put_op(out, o);
    } else {
      put_fixed(out, o.key, short_hash_bytes);
    }
  }
}

/// The extras hold counts and watches only.
op take_extra(reader& in) {
  const op o = take_op(in);
  const bool right = o.kind == op_kind::watch_on || (o.kind == op_kind::count && o.value != 0);
  if (!right) in.fail();
  return o;
}

section take_section(reader& in) {
  section s{static_cast<std::uint32_t>(in.varint(extras_bucket)), (in.u8() & flag_fresh) != 0, {}};
  const bool extras = s.bucket == extras_bucket;
  const std::size_t count = in.varint(frame_bytes_max);
  if (count > in.left() / (extras ? 1 + hash_bytes : short_hash_bytes)) in.fail();
  if (in.failed()) return s;
  s.ops.reserve(count);
  for (std::size_t i = 0; i < count && !in.failed(); ++i) {
    if (extras) {
      s.ops.push_back(take_extra(in));
      continue;
    }
    const std::uint64_t top = static_cast<std::uint64_t>(s.bucket) << 56U;
    s.ops.push_back({top | in.fixed(short_hash_bytes), 0, op_kind::room_on});
    if (s.ops.back().key == 0) in.fail();
  }
  return s;
}

std::string encoded(const part& m) {
  std::string out = begin(type::part);
  put_fixed(out, m.epoch, 8);
  put_fixed(out, m.round, 4);
  put_varint(out, m.index);
  put_varint(out, m.seq);
  put_u8(out, m.last ? flag_last : 0);
  put_varint(out, m.sections.size());
  for (const section& s : m.sections) put_section(out, s);
  return out;
}

part take_part(reader& in) {
  part m{in.fixed(8),
         take_u32(in),
         static_cast<std::uint32_t>(in.varint(number32_max)),
         in.varint(sequence_max),
         false,
         {}};
  m.last = (in.u8() & flag_last) != 0;
  const std::size_t count = in.varint(digest_count);
  for (std::size_t i = 0; i < count && !in.failed(); ++i) m.sections.push_back(take_section(in));
  return m;
}

// digest, want, ack

std::string encoded(const digest& m) {
  std::string out = begin(type::digest);
  put_fixed(out, m.epoch, 8);
  put_varint(out, m.seq);
  put_fixed(out, m.root, 8);
  return out;
}

digest take_digest(reader& in) {
  return {in.fixed(8), in.varint(sequence_max), in.fixed(8)};
}

std::string encoded(const want& m) {
  std::string out = begin(type::want);
  put_fixed(out, m.epoch, 8);
  put_fixed(out, m.round, 4);
  put_varint(out, m.seq);
  put_u8(out, (m.damaged ? flag_damaged : 0) | (m.digests ? flag_digests : 0));
  if (!m.digests) return out;
  for (const std::uint64_t d : *m.digests) put_fixed(out, d, 8);
  return out;
}

want take_want(reader& in) {
  want m{in.fixed(8), take_u32(in), in.varint(sequence_max), false, {}};
  const std::uint8_t flags = in.u8();
  m.damaged = (flags & flag_damaged) != 0;
  if ((flags & flag_digests) == 0) return m;
  m.digests.emplace();
  for (std::uint64_t& d : *m.digests) d = in.fixed(8);
  return m;
}

std::string encoded(const ack& m) {
  std::string out = begin(type::ack);
  put_fixed(out, m.epoch, 8);
  put_varint(out, m.seq);
  put_fixed(out, m.round, 4);
  put_varint(out, m.parts);
  return out;
}

ack take_ack(reader& in) {
  return {in.fixed(8), in.varint(sequence_max), take_u32(in),
          static_cast<std::uint32_t>(in.varint(number32_max))};
}

result<message> take_body(std::uint8_t t, reader& in) {
  switch (static_cast<type>(t)) {
    case type::update: return message(take_update(in));
    case type::part: return message(take_part(in));
    case type::digest: return message(take_digest(in));
    case type::want: return message(take_want(in));
    case type::ack: return message(take_ack(in));
  }
  return errc::unknown_type;
}

}  // namespace

std::string encode(const message& m) {
  return std::visit([](const auto& known) { return encoded(known); }, m);
}

result<message> decode(std::string_view frame) {
  if (frame.size() > frame_bytes_max) return errc::too_large;
  reader in(frame);
  const std::uint8_t version = in.u8();
  if (in.failed()) return errc::malformed;
  if (version < version_min || version > version_max) return errc::wrong_version;
  const std::uint8_t t = in.u8();
  if (in.failed()) return errc::malformed;
  result<message> m = take_body(t, in);
  if (m && in.failed()) return errc::malformed;
  return m;
}

std::size_t encoded_bytes(const op& o, std::uint32_t bucket) {
  if (bucket != extras_bucket) return short_hash_bytes;
  return 1 + hash_bytes + (o.kind == op_kind::count ? 5 : 0);
}

}  // namespace gossamer::directory
