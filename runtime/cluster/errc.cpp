#include "runtime/cluster/errc.hpp"

#include "runtime/base/error_category.hpp"

#include <string_view>

namespace gossamer::cluster {

namespace {

std::string_view text_of(errc e) {
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

}  // namespace

const boost::system::error_category& category() noexcept {
  static const category_of<errc> the_category("gossamer.cluster", text_of);
  return the_category;
}

}  // namespace gossamer::cluster
