// One Socket.IO packet as frames: a text frame, then one binary frame for each attachment.
#pragma once

#include "runtime/base/shared_frame.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace gossamer::socketio {

/// Cheap to copy; a packet without attachments needs no memory beyond its frame.
class frame_set {
 public:
  frame_set() = default;
  explicit frame_set(shared_frame text) : first_(std::move(text)) {}
  /// Text first, then the attachments in order.
  explicit frame_set(std::vector<shared_frame> frames)
      : many_(std::make_shared<const std::vector<shared_frame>>(std::move(frames))) {}

  [[nodiscard]] std::span<const shared_frame> frames() const {
    if (many_ != nullptr) return *many_;
    return {&first_, first_ ? std::size_t{1} : std::size_t{0}};
  }
  /// None of the frames is compressed on its way to clients. Before they are shared.
  void set_plain_only() const {
    for (const auto& frame : frames()) frame.set_plain_only();
  }
  [[nodiscard]] bool empty() const { return frames().empty(); }
  [[nodiscard]] std::size_t size_bytes() const {
    std::size_t sum = 0;
    for (const auto& frame : frames()) sum += frame.size_bytes();
    return sum;
  }

 private:
  shared_frame first_;
  std::shared_ptr<const std::vector<shared_frame>> many_;
};

}  // namespace gossamer::socketio
