#include "gateway/http/errc.hpp"

#include "runtime/base/error_category.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace gossamer::http {
namespace {

std::string_view name_of(errc value) {
  switch (value) {
    case errc::closed_by_us: return "closed by us";
    case errc::closed_by_peer: return "closed by peer";
    case errc::aborted: return "aborted";
    case errc::close_timeout: return "close timeout";
    case errc::timeout: return "timeout";
    case errc::write_stalled: return "write stalled";
    case errc::tls_failed: return "tls failed";
    case errc::tls_timeout: return "tls timeout";
    case errc::server_stopping: return "server stopping";
    case errc::bad_certificate: return "bad certificate";
    case errc::bad_address: return "bad address";
    case errc::not_a_directory: return "not a directory";
    case errc::too_large: return "too large";
    case errc::stopped: return "stopped";
  }
  return "unknown";
}

struct refusal_row {
  unsigned status;
  std::string_view text;
};

// One table from reason to what the client sees and what is logged; in the order of the enum.
constexpr std::array<refusal_row, refusal_count> refusals{{
    {400, "malformed"},
    {400, "bad_host"},
    {400, "bad_framing"},
    {400, "bad_chunk"},
    {501, "transfer_coding"},
    {505, "bad_version"},
    {417, "bad_expectation"},
    {431, "head_too_large"},
    {431, "too_many_fields"},
    {413, "body_too_large"},
    {408, "head_timeout"},
    {408, "body_timeout"},
    {503, "server_full"},
}};

}  // namespace

const boost::system::error_category& error_category() {
  static const category_of<errc> category("gossamer.http", name_of);
  return category;
}

error_code make_error_code(errc value) {
  return {static_cast<int>(value), error_category()};
}

unsigned status_of(refusal why) {
  return refusals[static_cast<std::size_t>(why)].status;
}

std::string_view text(refusal why) {
  return refusals[static_cast<std::size_t>(why)].text;
}

}  // namespace gossamer::http
