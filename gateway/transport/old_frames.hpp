// Binary messages as WebSocket clients of revision 3 need them: with the type in front.
//
// Text is the same in both revisions, so a broadcast goes to all clients as one frame; of each
// attachment there is one frame more as soon as a lane has a client of revision 3 that gets it.
//
// Runs on: its lane. Owns: the frames made in this turn, so that each is made once for all clients.
// Limits: keeps `kept_max` frames, until clear().
#pragma once

#include "runtime/base/shared_frame.hpp"

#include <cstddef>
#include <vector>

namespace gossamer::transport {

class old_frames {
 public:
  static constexpr std::size_t kept_max = 16;

  /// A binary frame with the type byte 0x04, or for a client without binary data as text, `b4` and
  /// base64. Valid until the next call.
  [[nodiscard]] const shared_frame& of(const shared_frame& binary, bool base64);
  void clear() { kept_.clear(); }

 private:
  struct entry {
    shared_frame original;
    shared_frame made;
    bool base64 = false;
  };
  std::vector<entry> kept_;
  std::size_t oldest_ = 0;  // once all places are taken
};

}  // namespace gossamer::transport
