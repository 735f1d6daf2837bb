#include "runtime/membership/envelope.hpp"

#include "runtime/base/wire.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::membership {

namespace {

constexpr std::size_t header_bytes = 6;
constexpr char magic = 'g';
constexpr std::uint8_t format_plain = 0x10;
constexpr std::uint8_t format_sealed = 0x11;

/// FNV-1a.
std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
  return hash;
}

}  // namespace

envelope::envelope(std::string_view label, encryption mode, key_ring keys, aead& cipher,
                   random_source& random)
    : label_(label.substr(0, label_bytes_max)),
      label_hash_(hash_of(label_)),
      mode_(mode),
      keys_(std::move(keys)),
      cipher_(cipher),
      random_(random) {}

std::string envelope::header(std::uint8_t format) const {
  std::string out(1, magic);
  wire::put_u8(out, format);
  wire::put_fixed(out, label_hash_, 4);
  return out;
}

std::string envelope::seal(std::string_view payload) {
  if (mode() == encryption::off || mode() == encryption::open_both) {
    return header(format_plain).append(payload);
  }
  aead_nonce nonce{};
  for (std::size_t i = 0; i < nonce.size(); i += 8) {
    const std::uint64_t drawn = random_.next();
    for (unsigned b = 0; b < 8; ++b) nonce[i + b] = static_cast<std::uint8_t>(drawn >> (8U * b));
  }
  std::string out = header(format_sealed);
  const std::string sealed = cipher_.seal(keys_.primary(), nonce, out + label_, payload);
  out.append(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  return out.append(sealed);
}

result<std::string> envelope::open(std::string_view datagram) {
  if (datagram.size() > datagram_bytes_max) return errc::too_large;
  if (datagram.size() < header_bytes || datagram[0] != magic) return errc::not_an_envelope;
  wire::reader in(datagram.substr(1));
  const std::uint8_t format = in.u8();
  if (format != format_plain && format != format_sealed) return errc::not_an_envelope;
  if (in.fixed(4) != label_hash_) return errc::other_cluster;
  if (format == format_sealed) return open_sealed(datagram);
  if (mode() == encryption::required) return errc::not_encrypted;
  return std::string(datagram.substr(header_bytes));
}

result<std::string> envelope::open_sealed(std::string_view datagram) {
  if (datagram.size() < overhead_bytes) return errc::not_an_envelope;
  aead_nonce nonce{};
  const std::string_view shown = datagram.substr(header_bytes, nonce.size());
  std::copy(shown.begin(), shown.end(), nonce.begin());
  const std::string associated = std::string(datagram.substr(0, header_bytes)) + label_;
  const std::string_view sealed = datagram.substr(header_bytes + nonce.size());
  for (const aead_key& key : keys_.keys()) {
    if (auto plain = cipher_.open(key, nonce, associated, sealed)) return std::move(*plain);
  }
  return errc::not_authentic;
}

}  // namespace gossamer::membership
