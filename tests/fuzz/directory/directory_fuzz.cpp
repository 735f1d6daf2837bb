// One directory under a stream of frames, ticks and own changes: no sequence of bytes from members
// trips a check or breaks a bound.
//
// The input is read as steps: how much time passes, what happens, how many bytes belong to it.
#include "runtime/base/check.hpp"
#include "runtime/directory/room_directory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace gossamer;
using namespace gossamer::directory;

namespace {

constexpr std::uint64_t epoch = 7;

settings small() {
  settings s;
  s.window = 16;
  s.in_flight = 8;
  s.ops_per_update = 4;
  s.part_bytes = 32;
  s.remote_rooms_max = 64;
  s.counts_max = 8;
  s.watches_max = 4;
  return s;
}

class driver {
 public:
  driver() : core_(small(), {{1, 1}, epoch, {}}, random_, now_) {
    for (std::uint64_t i = 2; i < 5; ++i)
      done(core_.member_changed(now_, member_change::up, who(i)));
  }

  void step(std::uint8_t wait, std::uint8_t what, std::string_view bytes) {
    now_ += milliseconds(wait);
    if (now_ >= wake_) done(core_.tick(now_));
    const member other = who(2 + what % 3);
    switch (what >> 4U) {
      case 0: return join(bytes);
      case 1: return leave(bytes);
      case 2: return done(core_.link_lost(now_, other.id));
      case 3: return done(core_.member_changed(now_, member_change(bytes.size() % 7), other));
      case 4: return done(core_.depends(now_, other.id, bytes.size()));
      case 5:
        if (auto done_so = core_.watch(now_, 1 + bytes.size() % 9)) done(std::move(*done_so));
        return;
      default: return receive(other, bytes);
    }
  }

  void check() {
    GOSSAMER_CHECK(core_.remote_rooms() <= 64);
    GOSSAMER_CHECK(core_.log_size() <= 16);
    for (int i = 0; i < 60 && wake_ < now_ + seconds(100); ++i) {
      now_ = std::max(now_, wake_);
      done(core_.tick(now_));
    }
  }

 private:
  static member who(std::uint64_t i) { return {{i, i}, epoch, {node_tag{1}}}; }

  /// Most frames get the right epoch and the round that the core waits for.
  void receive(const member& from, std::string_view bytes) {
    std::string frame(bytes);
    if (frame.size() >= 10) {
      const std::string right("\0\0\0\0\0\0\0\7", 8);
      if (frame[2] % 4 != 0) frame.replace(2, 8, right);
    }
    const peer* p = core_.find(from.id);
    if (frame.size() >= 14 && p != nullptr && frame[10] % 4 != 0) {
      for (unsigned i = 0; i < 4; ++i) {
        frame[10 + i] = static_cast<char>(p->reads.round >> (24 - 8 * i));
      }
    }
    done(core_.receive(now_, from.id, frame));
  }
  void join(std::string_view bytes) {
    const std::size_t room = bytes.size() % 32;
    ++members_[room];
    done(core_.join(now_, {mixed(room + 1), {}}, joiner::socket));
  }
  void leave(std::string_view bytes) {
    const std::size_t room = bytes.size() % 32;
    if (members_[room] == 0) return;
    --members_[room];
    done(core_.leave(now_, {mixed(room + 1), {}}, joiner::socket));
  }
  void done(actions todo) {
    wake_ = todo.wake;
    for (const send& s : todo.sends) {
      GOSSAMER_CHECK(s.frame.size() <= frame_bytes_max);
      GOSSAMER_CHECK(decode(s.frame.view()).has_value());
    }
    std::vector<node_id> out;
    const room_key asked{mixed(3), node_tag{1}};
    core_.targets({&asked, 1}, out);
    GOSSAMER_CHECK(out.size() <= 3);
  }

  seeded_random random_{1};
  time_point now_{std::chrono::hours(1000)};
  time_point wake_ = now_;
  room_directory core_;
  std::size_t members_[32] = {};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  driver d;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (rest.size() >= 3) {
    const auto wait = static_cast<std::uint8_t>(rest[0]);
    const auto what = static_cast<std::uint8_t>(rest[1]);
    const std::size_t length =
        std::min<std::size_t>(static_cast<std::uint8_t>(rest[2]), rest.size() - 3);
    d.step(wait, what, rest.substr(3, length));
    rest.remove_prefix(3 + length);
  }
  d.check();
  return 0;
}
