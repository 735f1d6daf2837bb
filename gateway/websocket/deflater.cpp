#include "gateway/websocket/deflater.hpp"

#include <limits>
#include <zlib.h>

namespace gossamer::websocket {
namespace {

// A flushed stream ends with an empty stored block, which is not sent but for its first bits.
constexpr std::string_view flush_tail("\x00\x00\xff\xff", 4);

Bytef* bytes_of(const char* text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text));
}

/// The header of a final frame with RSV1 set, in `out`; returns its size.
std::size_t write_header(char* out, frame_kind kind, std::size_t size) {
  const auto byte = [](std::uint64_t value) { return static_cast<char>(value & 0xffU); };
  out[0] = byte(kind == frame_kind::text ? 0xc1 : 0xc2);
  if (size < 126) {
    out[1] = byte(size);
    return 2;
  }
  const std::size_t length_bytes = size <= 0xffff ? 2 : 8;
  out[1] = byte(length_bytes == 2 ? 126 : 127);
  for (std::size_t i = 0; i < length_bytes; ++i) {
    out[2 + i] = byte(size >> (8 * (length_bytes - 1 - i)));
  }
  return 2 + length_bytes;
}

}  // namespace

struct deflater::stream {
  z_stream z{};
  bool ready = false;

  explicit stream(const deflate_options& options)
      : ready(::deflateInit2(&z, options.level, Z_DEFLATED, -options.server_max_window_bits,
                             options.memory_level, Z_DEFAULT_STRATEGY) == Z_OK) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  ~stream() {
    if (ready) ::deflateEnd(&z);
  }
};

deflater::deflater(const deflate_options& options) : options_(options) {}

deflater::~deflater() = default;

shared_frame deflater::form_of(const shared_frame& plain) {
  if (plain.kind() == frame_kind::raw || plain.payload().size() < options_.threshold) return plain;
  return plain.smaller([this](const shared_frame& frame) { return deflated(frame); });
}

shared_frame deflater::deflated(const shared_frame& plain) {
  shared_frame made;
  if (compress(plain.payload())) {
    char header[10];
    const std::size_t size = write_header(header, plain.kind(), out_.size());
    if (size + out_.size() < plain.size_bytes()) {
      made = shared_frame::make(frame_kind::raw, {{header, size}, {out_.data(), out_.size()}});
    }
  }
  if (out_.capacity() > kept_bytes_max) out_ = {};
  return made;
}

/// To `out_`. False if zlib has no memory, or the result is not shorter.
bool deflater::compress(std::string_view message) {
  if (message.size() > std::numeric_limits<uInt>::max() - flush_tail.size()) return false;
  if (stream_ == nullptr) stream_ = std::make_unique<stream>(options_);
  z_stream& z = stream_->z;
  if (!stream_->ready || ::deflateReset(&z) != Z_OK) return false;
  // Room for what is worth sending. One byte more than the flush needs: zlib has flushed all only
  // if room is left.
  out_.resize(message.size() + flush_tail.size() + 1);
  z.next_in = bytes_of(message.data());
  z.avail_in = static_cast<uInt>(message.size());
  z.next_out = bytes_of(out_.data());
  z.avail_out = static_cast<uInt>(out_.size());
  if (::deflate(&z, Z_SYNC_FLUSH) != Z_OK || z.avail_in != 0 || z.avail_out == 0) return false;
  out_.resize(out_.size() - z.avail_out);
  if (!std::string_view(out_.data(), out_.size()).ends_with(flush_tail)) return false;
  out_.resize(out_.size() - flush_tail.size());
  return true;
}

}  // namespace gossamer::websocket
