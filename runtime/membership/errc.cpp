#include "runtime/membership/errc.hpp"

#include "runtime/base/error_category.hpp"

#include <string_view>

namespace gossamer::membership {

namespace {

std::string_view text_of(errc e) {
  switch (e) {
    case errc::malformed: return "malformed message";
    case errc::too_large: return "too many bytes, messages or members";
    case errc::wrong_version: return "unknown protocol version";
    case errc::not_an_envelope: return "not a gossip datagram";
    case errc::other_cluster: return "datagram of another cluster";
    case errc::not_encrypted: return "datagram is not encrypted";
    case errc::not_authentic: return "no key opens the datagram";
    case errc::unknown_key: return "no such key in the ring";
    case errc::key_in_use: return "the primary key cannot be removed";
    case errc::ring_full: return "the key ring is full";
  }
  return "unknown membership error";
}

}  // namespace

const boost::system::error_category& category() noexcept {
  static const category_of<errc> the_category("gossamer.membership", text_of);
  return the_category;
}

}  // namespace gossamer::membership
