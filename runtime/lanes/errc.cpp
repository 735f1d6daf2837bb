#include "runtime/lanes/errc.hpp"

#include <string>

namespace gossamer::lanes {

namespace {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"  // Boost's base class, never deleted through
class category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "gossamer.lanes"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::lane_full: return "the lane's delivery queue is full";
      case errc::lane_closed: return "the lane has stopped";
      case errc::system_not_configured:
        return "the actor system does not run on lanes: call gossamer::configure(config, options) "
               "before the caf::actor_system is made";
    }
    return "unknown error";
  }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& error_category() noexcept {
  static const category instance;
  return instance;
}

error_code make_error_code(errc e) noexcept {
  return {static_cast<int>(e), error_category()};
}

}  // namespace gossamer::lanes
