#include "runtime/directory/key.hpp"

#include <bit>
#include <cstddef>
#include <string>

namespace gossamer::directory {

namespace {

std::uint64_t little_endian(const void* from, std::size_t size) {
  const auto* at = static_cast<const unsigned char*>(from);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(at[i]) << (8 * i);
  return value;
}

struct sip_state {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
    v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
    v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
  }
  void compress(std::uint64_t word) {
    v3 ^= word;
    round(), round();
    v0 ^= word;
  }
};

}  // namespace

std::uint64_t siphash(const key_secret& secret, std::string_view text) {
  const std::uint64_t k0 = little_endian(secret.data(), 8);
  const std::uint64_t k1 = little_endian(secret.data() + 8, 8);
  sip_state s{k0 ^ 0x736f6d6570736575U, k1 ^ 0x646f72616e646f6dU, k0 ^ 0x6c7967656e657261U,
              k1 ^ 0x7465646279746573U};
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) s.compress(little_endian(text.data() + at, 8));
  const std::uint64_t size_byte = static_cast<std::uint64_t>(text.size() & 0xffU) << 56U;
  s.compress(size_byte | little_endian(text.data() + at, text.size() - at));
  s.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) s.round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/// The size of the first part stands before it, so that no two pairs look the same.
std::uint64_t key_maker::make(kind k, std::string_view first, std::string_view second) const {
  std::string text;
  text.reserve(9 + first.size() + second.size());
  text.push_back(static_cast<char>(k));
  for (unsigned shift = 0; shift < 32; shift += 8) {
    text.push_back(static_cast<char>((first.size() >> shift) & 0xffU));
  }
  text += first;
  text += second;
  const std::uint64_t hash = siphash(secret_, text);
  return hash == 0 ? 1 : hash;
}

room_key key_maker::room(std::string_view nsp, std::string_view name) const {
  room_key made{make(kind::room, nsp, name), {}};
  if (const auto id = socket_id::parse(name)) made.hint = id->tag();
  return made;
}

std::uint64_t key_maker::nsp(std::string_view name) const {
  return make(kind::nsp, name, {});
}
std::uint64_t key_maker::name(std::string_view text) const {
  return make(kind::name, text, {});
}
std::uint64_t key_maker::total(std::string_view what) const {
  return make(kind::total, what, {});
}

}  // namespace gossamer::directory
