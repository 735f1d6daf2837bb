#include "runtime/membership/address.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace gossamer::membership {

namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

bool address::is_v4() const {
  return std::equal(v4_prefix.begin(), v4_prefix.end(), ip.begin());
}

std::string address::text() const {
  if (is_v4()) return fmt::format("{}.{}.{}.{}:{}", ip[12], ip[13], ip[14], ip[15], port);
  std::string out = "[";
  for (std::size_t i = 0; i < ip.size(); i += 2) {
    out += fmt::format("{}{:x}", i == 0 ? "" : ":", (ip[i] << 8U) | ip[i + 1]);
  }
  return out + fmt::format("]:{}", port);
}

address address::v4(std::uint32_t ip, std::uint16_t port) {
  address made{{}, port};
  std::copy(v4_prefix.begin(), v4_prefix.end(), made.ip.begin());
  for (unsigned i = 0; i < 4; ++i) {
    made.ip[12 + i] = static_cast<std::uint8_t>(ip >> (24U - 8U * i));
  }
  return made;
}

std::size_t address_hash::operator()(const address& a) const noexcept {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, a.ip.data(), 8);
  std::memcpy(&low, a.ip.data() + 8, 8);
  std::uint64_t mixed = (high * 0x9e3779b97f4a7c15U) ^ (low + a.port * 0xbf58476d1ce4e5b9U);
  mixed ^= mixed >> 29U;
  return static_cast<std::size_t>(mixed * 0x94d049bb133111ebU);
}

}  // namespace gossamer::membership
