#include "gateway/websocket/inflate.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <zlib.h>

namespace gossamer::websocket {
namespace {

// What the sender left out: the end of an empty stored block.
constexpr std::string_view tail("\x00\x00\xff\xff", 4);
// z_stream::data_type between two blocks, without bits of a half-used byte.
constexpr int between_blocks = 128;

class inflater {
 public:
  inflater() : ready_(::inflateInit2(&z_, -15) == Z_OK) {}
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;
  ~inflater() {
    if (ready_) ::inflateEnd(&z_);
  }

  errc inflate(std::string_view deflated, std::uint32_t bytes_max, std::vector<char>& out) {
    if (!ready_ || ::inflateReset(&z_) != Z_OK) return errc::bad_deflate;
    const std::size_t limit = std::size_t{bytes_max} + 1;  // the byte too many shows the excess
    out.resize(std::min(limit, std::max<std::size_t>(256, 2 * deflated.size())));
    std::size_t used = 0;
    if (const auto error = feed(deflated, limit, out, used); error != errc::none) return error;
    const std::size_t message_bytes = used;
    if (!ended_) {
      if (const auto error = feed(tail, limit, out, used); error != errc::none) return error;
      // Cut in the middle of a block, the tail is taken for something else.
      if (used != message_bytes || z_.data_type != between_blocks) return errc::bad_deflate;
    }
    out.resize(message_bytes);
    return errc::none;
  }

 private:
  errc feed(std::string_view in, std::size_t limit, std::vector<char>& out, std::size_t& used) {
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    z_.avail_in = static_cast<uInt>(in.size());
    while (true) {
      if (used == out.size()) out.resize(std::min(limit, 2 * used));
      z_.next_out = reinterpret_cast<Bytef*>(out.data() + used);
      z_.avail_out = static_cast<uInt>(out.size() - used);
      const int code = ::inflate(&z_, Z_SYNC_FLUSH);
      used = out.size() - z_.avail_out;
      if (used == limit) return errc::message_too_big;
      // A block may say that it is the last one (RFC 7692, 7.2.3.4); what follows starts afresh.
      ended_ = code == Z_STREAM_END;
      if (ended_ && ::inflateReset(&z_) != Z_OK) return errc::bad_deflate;
      if (ended_ && z_.avail_in != 0) continue;
      if (ended_) return errc::none;
      if (code != Z_OK && code != Z_BUF_ERROR) return errc::bad_deflate;
      if (z_.avail_out != 0) return errc::none;
    }
  }

  z_stream z_{};
  bool ready_;
  bool ended_ = false;  // right behind a last block
};

}  // namespace

errc inflate_message(std::string_view deflated, std::uint32_t bytes_max, std::vector<char>& out) {
  out.clear();
  if (deflated.empty()) return errc::none;
  if (deflated.size() > std::numeric_limits<uInt>::max()) return errc::message_too_big;
  static thread_local inflater one;
  const auto error = one.inflate(deflated, bytes_max, out);
  if (error != errc::none) std::vector<char>().swap(out);
  return error;
}

}  // namespace gossamer::websocket
