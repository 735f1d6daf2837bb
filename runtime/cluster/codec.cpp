#include "runtime/cluster/codec.hpp"

#include "runtime/base/check.hpp"
#include "runtime/cluster/field_io.hpp"
#include "runtime/cluster/fields.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace gossamer::cluster {

namespace {

constexpr std::size_t types = std::variant_size_v<message>;
constexpr std::size_t link_types = 2;
constexpr std::size_t record_head_bytes = 5;

/// The verbs are 1, 2, ... in the order of the variant; the link's own come last.
constexpr std::uint8_t type_at(std::size_t index) {
  constexpr std::size_t verbs = types - link_types;
  return static_cast<std::uint8_t>(index < verbs ? index + 1 : link_types_begin + index - verbs);
}

void put(char*& at, std::uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) *at++ = static_cast<char>(value >> (8U * i));
}

std::uint64_t get(std::string_view from, std::size_t at, unsigned size) {
  std::uint64_t value = 0;
  for (unsigned i = size; i-- > 0;) {
    value = (value << 8U) | static_cast<std::uint8_t>(from[at + i]);
  }
  return value;
}

template <class Message>
result<message> read_as(std::string_view body, std::uint8_t version) {
  if (body.empty()) return errc::malformed;
  try {
    field_reader in(body, version);
    Message m;
    fields(in, m);
    if (in.failed()) return errc::malformed;
    return message(std::move(m));
  } catch (const cereal::Exception&) {  // cannot be: each read was checked against what is left
    return errc::malformed;
  }
}

using reader_of_type = result<message> (*)(std::string_view, std::uint8_t);

/// By type byte; none for unknown types.
template <std::size_t... Index>
constexpr std::array<reader_of_type, 256> make_readers(std::index_sequence<Index...>) {
  std::array<reader_of_type, 256> made{};
  ((made[type_at(Index)] = &read_as<std::variant_alternative_t<Index, message>>), ...);
  return made;
}
constexpr auto readers = make_readers(std::make_index_sequence<types>());

struct record {
  std::uint8_t type = 0;
  std::string_view body;
  std::size_t size_bytes = 0;
};

result<record> take_record(std::string_view& rest) {
  if (rest.size() < record_head_bytes) return errc::malformed;
  const std::size_t size = get(rest, 1, 4);
  if (size > bounds::message_bytes_max) return errc::too_large;
  if (size > rest.size() - record_head_bytes) return errc::malformed;
  const record taken{static_cast<std::uint8_t>(rest[0]), rest.substr(record_head_bytes, size),
                     record_head_bytes + size};
  rest.remove_prefix(taken.size_bytes);
  return taken;
}

error_code take_in(blob& into, const record& r) {
  const bool of_the_link = r.type >= link_types_begin;
  const std::uint64_t sequence = into.head.sequence + into.count;
  if (!of_the_link) ++into.count;
  if (readers[r.type] == nullptr) {
    ++into.skipped_count;
    return {};
  }
  auto m = readers[r.type](r.body, into.head.version);
  if (!m) return m.error();
  if (of_the_link) {
    into.of_the_link.push_back(std::move(*m));
  } else {
    into.messages.push_back({sequence, r.size_bytes, std::move(*m)});
  }
  return {};
}

}  // namespace

std::uint8_t type_of(const message& m) {
  return type_at(m.index());
}

result<bytes> encode(const message& m, std::uint8_t version) {
  if (version < version_min || version > version_max) return errc::wrong_version;
  field_writer out(version);
  std::visit([&](const auto& one) { fields(out, one); }, m);
  if (out.failed()) return errc::malformed;
  const std::string& body = out.text();
  if (body.size() > bounds::message_bytes_max) return errc::too_large;
  return bytes::filled(record_head_bytes + body.size(), [&](char* at) {
    put(at, type_of(m), 1);
    put(at, body.size(), 4);
    std::copy(body.begin(), body.end(), at);
  });
}

bytes make_blob(const blob_head& head, std::span<const bytes> records) {
  GOSSAMER_CHECK(records.size() <= bounds::blob_messages_max);
  std::size_t size = blob_head_bytes;
  for (const bytes& r : records) size += r.size();
  return bytes::filled(size, [&](char* at) {
    put(at, head.version, 1);
    put(at, 1, 1);  // little-endian, as cereal marks it
    put(at, head.session, 8);
    put(at, head.sequence, 8);
    put(at, records.size(), 4);
    for (const bytes& r : records) {
      std::memcpy(at, r.data(), r.size());
      at += r.size();
    }
  });
}

result<blob> decode(std::string_view input) {
  if (input.size() > bounds::blob_bytes_max) return errc::too_large;
  if (input.empty()) return errc::malformed;
  blob b;
  b.head.version = static_cast<std::uint8_t>(input[0]);
  if (b.head.version < version_min || b.head.version > version_max) return errc::wrong_version;
  if (input.size() < blob_head_bytes || input[1] != 1) return errc::malformed;
  b.head.session = get(input, 2, 8);
  b.head.sequence = get(input, 10, 8);
  const std::size_t count = get(input, 18, 4);
  if (count > bounds::blob_messages_max) return errc::too_large;
  if (b.head.sequence > ~std::uint64_t{0} - count) return errc::malformed;
  std::string_view rest = input.substr(blob_head_bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const auto r = take_record(rest);
    if (!r) return r.error();
    if (const auto failed = take_in(b, *r)) return failed;
  }
  if (!rest.empty()) return errc::malformed;
  return b;
}

}  // namespace gossamer::cluster
