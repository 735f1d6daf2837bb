#include "runtime/lanes/errc.hpp"

#include "runtime/base/error_category.hpp"

#include <string_view>

namespace gossamer::lanes {

namespace {

std::string_view text_of(errc code) {
  switch (code) {
    case errc::lane_full: return "the lane's delivery queue is full";
    case errc::lane_closed: return "the lane has stopped";
    case errc::system_not_configured:
      return "the actor system does not run on lanes: call gossamer::configure(config, options) "
             "before the caf::actor_system is made";
  }
  return "unknown error";
}

}  // namespace

const boost::system::error_category& error_category() noexcept {
  static const category_of<errc> instance("gossamer.lanes", text_of);
  return instance;
}

error_code make_error_code(errc e) noexcept {
  return {static_cast<int>(e), error_category()};
}

}  // namespace gossamer::lanes
