// Makes the deflated form of data frames (RFC 7692, 7.2.1), each for itself.
//
// One for all connections of a lane. Pure. Owns: zlib's state, made when it is first needed (256 KB
// with the default options), and the output buffer, of which at most `kept_bytes_max` are kept.
#pragma once

#include "gateway/websocket/deflate_options.hpp"
#include "runtime/base/shared_frame.hpp"

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace gossamer::websocket {

class deflater {
 public:
  static constexpr std::size_t kept_bytes_max = 64U << 10U;

  /// `options` are valid.
  explicit deflater(const deflate_options& options);
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;
  ~deflater();

  /// What goes to a client that negotiated permessage-deflate: the frame deflated, which all
  /// threads share, or the frame itself if it is short, no data frame, kept plain by the
  /// application, or not smaller that way.
  [[nodiscard]] shared_frame form_of(const shared_frame& plain);

 private:
  struct stream;

  [[nodiscard]] shared_frame deflated(const shared_frame& plain);
  [[nodiscard]] bool compress(std::string_view message);

  const deflate_options options_;
  std::unique_ptr<stream> stream_;
  std::vector<char> out_;
};

}  // namespace gossamer::websocket
