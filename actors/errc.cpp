#include "actors/include/gossamer/errc.hpp"

#include "runtime/base/error_category.hpp"

#include <stdexcept>

namespace gossamer {
namespace {

std::string_view text_of(errc code) {
  switch (code) {
    case errc::disconnected: return "the socket is disconnected";
    case errc::ack_timeout: return "operation has timed out";
    case errc::bad_arguments: return "the arguments are not of the expected type";
    case errc::lane_full: return "the receiving lane's queue is full";
    case errc::server_stopped: return "the server is stopping";
    case errc::dropped: return "a volatile packet was dropped";
    case errc::address_in_use: return "the address is in use";
    case errc::bad_option: return "an option has an illegal value";
    case errc::not_supported: return "not supported";
    case errc::request_failed: return "the actor that was asked has failed";
  }
  return "unknown error";
}

}  // namespace

const boost::system::error_category& gossamer_category() noexcept {
  static const category_of<errc> instance("gossamer", text_of);
  return instance;
}

error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), gossamer_category()};
}

void throw_exception_from_error(const failure& why, const boost::source_location&) {
  throw std::runtime_error(why.code + ": " + why.message);
}

}  // namespace gossamer
