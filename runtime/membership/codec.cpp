#include "runtime/membership/codec.hpp"

#include "runtime/base/wire.hpp"

#include <limits>
#include <optional>
#include <utility>

namespace gossamer::membership {

using wire::put_fixed;
using wire::put_text;
using wire::put_u8;
using wire::put_varint;
using wire::reader;

namespace {

enum type : std::uint8_t {
  type_ping = 1,
  type_ping_request = 2,
  type_ack = 3,
  type_nack = 4,
  type_alive = 5,
  type_suspect = 6,
  type_dead = 7,
  type_sync_offer = 8,
  type_sync_state = 9,
  type_sync_same = 10,
};

constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint8_t flag_leaving = 1;
constexpr std::uint8_t flag_answer = 1;

void put(std::string& out, const node_id& id) {
  put_fixed(out, id.high, 8);
  put_fixed(out, id.low, 8);
}

node_id take_id(reader& in) {
  const std::uint64_t high = in.fixed(8);
  return {high, in.fixed(8)};
}

void put(std::string& out, const address& at) {
  const std::string_view all(reinterpret_cast<const char*>(at.ip.data()), at.ip.size());
  const std::string_view shown = at.is_v4() ? all.substr(12) : all;
  put_u8(out, static_cast<std::uint8_t>(shown.size()));
  out += shown;
  put_fixed(out, at.port, 2);
}

address take_address(reader& in) {
  const std::size_t size = in.u8();
  if (size != 4 && size != 16) in.fail();
  const std::string_view ip = in.take(size);
  address at = address::v4(0, static_cast<std::uint16_t>(in.fixed(2)));
  if (in.failed()) return at;
  for (std::size_t i = 0; i < size; ++i) {
    at.ip[16 - size + i] = static_cast<std::uint8_t>(ip[i]);
  }
  return at;
}

node_tag take_tag(reader& in) {
  const node_tag tag{static_cast<std::uint32_t>(in.fixed(3))};
  if (tag.value > node_tag_max) in.fail();
  return tag;
}

void put(std::string& out, const member_record& r) {
  put(out, r.id);
  put_varint(out, r.epoch);
  put_varint(out, r.incarnation);
  put(out, r.at);
  put_fixed(out, r.tag.value, 3);
  put_u8(out, r.versions.min);
  put_u8(out, r.versions.max);
  put_u8(out, r.versions.current);
  put_u8(out, r.leaving ? flag_leaving : 0);
  put_text(out, r.name);
  put_varint(out, r.former_tags.size());
  for (const node_tag tag : r.former_tags) put_fixed(out, tag.value, 3);
  put_text(out, r.metadata);
}

member_record take_record(reader& in) {
  member_record r;
  r.id = take_id(in);
  r.epoch = in.varint(any);
  r.incarnation = in.varint(any);
  r.at = take_address(in);
  r.tag = take_tag(in);
  r.versions.min = in.u8();
  r.versions.max = in.u8();
  r.versions.current = in.u8();
  r.leaving = (in.u8() & flag_leaving) != 0;
  r.name = in.text(name_bytes_max);
  const std::uint64_t tags = in.varint(former_tags_max);
  for (std::uint64_t i = 0; i < tags; ++i) r.former_tags.push_back(take_tag(in));
  r.metadata = in.text(metadata_bytes_max);
  const bool in_order =
      r.versions.min <= r.versions.current && r.versions.current <= r.versions.max;
  if (!in_order || r.at.port == 0 || r.name.empty() || r.id == node_id{}) in.fail();
  return r;
}

struct encoder {
  std::string body;

  void operator()(const ping& m) {
    put_fixed(body, m.sequence, 4);
    put(body, m.target);
    put(body, m.source);
  }
  void operator()(const ping_request& m) {
    put_fixed(body, m.sequence, 4);
    put(body, m.target);
    put(body, m.target_at);
    put(body, m.source);
    put_varint(body, static_cast<std::uint64_t>(m.patience.count()));
  }
  void operator()(const ack& m) {
    put_fixed(body, m.sequence, 4);
    put(body, m.source);
  }
  void operator()(const nack& m) { put_fixed(body, m.sequence, 4); }
  void operator()(const alive& m) { put(body, m.record); }
  void operator()(const suspect& m) { accusation(m.subject, m.incarnation, m.from); }
  void operator()(const dead& m) { accusation(m.subject, m.incarnation, m.from); }
  void operator()(const sync_offer& m) {
    put_fixed(body, m.digest, 8);
    put(body, m.source);
  }
  void operator()(const sync_state& m) {
    put(body, m.source);
    put_u8(body, m.answer ? flag_answer : 0);
    put_varint(body, m.entries.size());
    std::string one;
    for (const sync_entry& e : m.entries) {
      one.clear();
      put_u8(one, static_cast<std::uint8_t>(e.state));
      put_varint(one, static_cast<std::uint64_t>(e.age.count()));
      put(one, e.record);
      put_text(body, one);
    }
  }
  void operator()(const sync_same& m) { put(body, m.source); }

  void accusation(const node_id& subject, std::uint64_t incarnation, const node_id& from) {
    put(body, subject);
    put_varint(body, incarnation);
    put(body, from);
  }
};

ping take_ping(reader& in) {
  ping m;
  m.sequence = static_cast<std::uint32_t>(in.fixed(4));
  m.target = take_id(in);
  m.source = take_id(in);
  return m;
}

ping_request take_ping_request(reader& in) {
  ping_request m;
  m.sequence = static_cast<std::uint32_t>(in.fixed(4));
  m.target = take_id(in);
  m.target_at = take_address(in);
  m.source = take_id(in);
  m.patience = milliseconds(in.varint(static_cast<std::uint64_t>(relay_patience_max.count())));
  return m;
}

ack take_ack(reader& in) {
  const auto sequence = static_cast<std::uint32_t>(in.fixed(4));
  return {sequence, take_id(in)};
}

template <class Accusation>
Accusation take_accusation(reader& in) {
  Accusation m;
  m.subject = take_id(in);
  m.incarnation = in.varint(any);
  m.from = take_id(in);
  return m;
}

sync_offer take_sync_offer(reader& in) {
  const std::uint64_t digest = in.fixed(8);
  return {take_record(in), digest};
}

sync_entry take_entry(reader& in) {
  sync_entry e;
  const std::uint8_t state = in.u8();
  if (state > static_cast<std::uint8_t>(status::left)) in.fail();
  e.state = static_cast<status>(state);
  e.age = seconds(in.varint(static_cast<std::uint64_t>(sync_age_max.count())));
  e.record = take_record(in);
  return e;
}

sync_state take_sync_state(reader& in) {
  sync_state m;
  m.source = take_id(in);
  m.answer = (in.u8() & flag_answer) != 0;
  const std::uint64_t count = in.varint(sync_entries_max);
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    reader one(in.text(link_payload_max));
    if (in.failed()) break;
    m.entries.push_back(take_entry(one));
    if (one.failed()) in.fail();
  }
  return m;
}

/// Nothing if the type is unknown.
std::optional<message> take_message(std::uint8_t type, reader& in) {
  switch (type) {
    case type_ping: return take_ping(in);
    case type_ping_request: return take_ping_request(in);
    case type_ack: return take_ack(in);
    case type_nack: return nack{static_cast<std::uint32_t>(in.fixed(4))};
    case type_alive: return alive{take_record(in)};
    case type_suspect: return take_accusation<suspect>(in);
    case type_dead: return take_accusation<dead>(in);
    case type_sync_offer: return take_sync_offer(in);
    case type_sync_state: return take_sync_state(in);
    case type_sync_same: return sync_same{take_id(in)};
    default: return std::nullopt;
  }
}

}  // namespace

std::uint8_t type_of(const message& m) {
  // The order of the variant is the order of the types.
  return static_cast<std::uint8_t>(m.index() + 1);
}

std::string encode(const message& m) {
  encoder visitor;
  std::visit(visitor, m);
  std::string out;
  out.reserve(visitor.body.size() + 4);
  put_u8(out, type_of(m));
  put_text(out, visitor.body);
  return out;
}

std::string begin_packet(std::uint8_t version) {
  return {static_cast<char>(version)};
}

result<packet> decode(std::string_view payload, const version_range& readable,
                      std::size_t payload_max) {
  if (payload.size() > payload_max) return errc::too_large;
  reader in(payload);
  packet out;
  out.version = in.u8();
  if (in.failed()) return errc::malformed;
  if (out.version < readable.min || out.version > readable.max) return errc::wrong_version;
  while (in.left() != 0) {
    if (out.messages.size() + out.skipped_count == datagram_messages_max) return errc::too_large;
    const std::uint8_t type = in.u8();
    reader body(in.text(payload_max));
    if (in.failed()) return errc::malformed;
    auto taken = take_message(type, body);
    if (body.failed()) return errc::malformed;
    if (taken) {
      out.messages.push_back(std::move(*taken));
    } else {
      ++out.skipped_count;
    }
  }
  return out;
}

}  // namespace gossamer::membership
