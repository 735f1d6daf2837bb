#include "runtime/membership/errc.hpp"

#include <string>

namespace gossamer::membership {

namespace {

const char* text_of(errc e) {
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

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"  // the base's destructor is not ours
class membership_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "gossamer.membership"; }
  [[nodiscard]] std::string message(int value) const override {
    return text_of(static_cast<errc>(value));
  }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& category() noexcept {
  static const membership_category the_category;
  return the_category;
}

}  // namespace gossamer::membership
