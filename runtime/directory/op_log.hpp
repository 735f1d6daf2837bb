// The newest changes of a node's stream, numbered from 1: what a peer that fell behind can still be
// sent.
//
// Limits: `window` changes; the oldest are forgotten, and who needs them needs a sync instead.
#pragma once

#include "runtime/directory/op.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace gossamer::directory {

class op_log {
 public:
  explicit op_log(std::size_t window) : window_(window) {}

  /// The number of the newest change; 0 before the first.
  [[nodiscard]] std::uint64_t head() const { return forgotten_ + ops_.size(); }
  [[nodiscard]] std::size_t size() const { return ops_.size(); }
  /// Can everything after `seq` still be sent?
  [[nodiscard]] bool reaches_back_to(std::uint64_t seq) const {
    return seq >= forgotten_ && seq <= head();
  }
  [[nodiscard]] const op& at(std::uint64_t seq) const { return ops_[seq - forgotten_ - 1]; }

  void push(const op& o) {
    ops_.push_back(o);
    if (ops_.size() <= window_) return;
    ops_.pop_front();
    ++forgotten_;
  }
  /// Begins a stream whose past nobody can have.
  void restart() {
    ops_.clear();
    forgotten_ = 1;
  }

 private:
  std::size_t window_;
  std::uint64_t forgotten_ = 0;
  std::deque<op> ops_;
};

}  // namespace gossamer::directory
