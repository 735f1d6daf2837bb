#include "runtime/cluster/errc.hpp"

#include <string>

namespace gossamer::cluster {

namespace {

const char* text_of(errc e) {
  switch (e) {
    case errc::malformed: return "malformed message";
    case errc::too_large: return "too many bytes";
    case errc::wrong_version: return "unknown version";
    case errc::over_window: return "the peer sent more than its credit";
    case errc::link_full: return "the queue of the link is full";
    case errc::dropped: return "volatile, and the link is behind";
    case errc::unknown_peer: return "no member of the cluster";
    case errc::too_many_requests: return "too many requests wait";
  }
  return "unknown cluster error";
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"  // the base's destructor is not ours
class cluster_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "gossamer.cluster"; }
  [[nodiscard]] std::string message(int value) const override {
    return text_of(static_cast<errc>(value));
  }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& category() noexcept {
  static const cluster_category the_category;
  return the_category;
}

}  // namespace gossamer::cluster
