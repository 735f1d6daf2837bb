// Where a member listens: an IP address and one port, used for datagrams (UDP) and links (TCP).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

namespace gossamer::membership {

/// IPv4 is kept as an IPv6-mapped address, so that one host has one form.
struct address {
  std::array<std::uint8_t, 16> ip{};
  std::uint16_t port = 0;

  auto operator<=>(const address&) const = default;
  [[nodiscard]] bool is_v4() const;
  /// `10.0.0.1:7946` or `[fe80:0:0:0:0:0:0:1]:7946`.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static address v4(std::uint32_t ip, std::uint16_t port);
};

struct address_hash {
  std::size_t operator()(const address& a) const noexcept;
};

}  // namespace gossamer::membership
