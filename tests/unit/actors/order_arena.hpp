// Who sends what to whom in the test of the order of messages, see ordering_test.cpp.
#pragma once

#include "actors/include/gossamer/actors.hpp"
#include "runtime/lanes/actors_caf.hpp"
#include "tests/unit/actors/order_client.hpp"

#include <caf/event_based_actor.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace gossamer::test {

inline constexpr std::size_t lane_count = 3;
inline constexpr std::size_t stable = 12;  // clients that stay
inline constexpr std::size_t threads = 2;
inline constexpr std::size_t speakers = 3;  // actors that send
inline constexpr std::size_t listeners = 3;
inline constexpr std::size_t senders = stable + threads + speakers;
inline constexpr int batch = 10;

// One sender's numbers.
struct sender {
  std::size_t index = 0;
  std::int64_t number = 0;
  std::size_t turn = 0;
  std::array<std::uint64_t, ways> sent{};
  std::size_t target() const { return (index * 7 + 3) % stable; }
  std::string own_room() const { return "own" + std::to_string(index); }
};

// Somebody for a sender to disconnect.
struct visit {
  std::size_t client = 0;
  detail::socket_ref ref;
  caf::actor handle;
  bool close = false;
};

// What may be wrong with a visitor's session.
enum fault : std::uint8_t {
  disorder,
  sent_after_end,
  no_farewell,
  came_too_late,
  not_ended,
  tail_lost,
  faults
};

// One numbered message of a sender.
struct message {
  std::size_t from;
  std::int64_t number;
  way by;
  std::uint64_t nth;  // of this sender and way

  template <class To>
  error_code emit_to(const To& to) const {
    return to.emit("m", from, number, int{by}, nth);
  }
  emit_event event() const {
    std::string text;
    for (const std::int64_t each : {static_cast<std::int64_t>(from), number, std::int64_t{by},
                                    static_cast<std::int64_t>(nth)}) {
      text += (text.empty() ? "" : ",") + std::to_string(each);
    }
    return {"m", args(text, 4)};
  }
};

inline std::uint64_t failures(const error_code& code) {
  return code ? 1 : 0;
}

class arena {
 public:
  arena() {
    lane_options options;
    options.lanes = lane_count;
    options.inbox_bytes_max = std::size_t{1} << 32;  // nothing is refused: everything must arrive
    runtime_ = detail::own_runtime(std::move(options));
    core_ = std::make_unique<detail::server_core>(lanes(), detail::socketio_options(), logger());
    for (std::size_t i = 0; i < senders; ++i) from_[i].index = i;
  }
  lane_group& lanes() { return runtime_->lanes(); }
  nsp all() { return nsp(core_->of("/")); }
  caf::actor_system& system() { return runtime_->system(); }

  void run();

 private:
  void start();
  void check();
  void stop();
  // One batch of a sender; `emit(message)` does the sending.
  template <class Emit>
  void send_batch(sender& from, Emit&& emit) {
    for (int i = 0; i < batch; ++i) {
      number_and_send(from, static_cast<way>(from.turn++ % turns), emit);
    }
  }
  template <class Emit>
  void number_and_send(sender& from, way by, Emit&& emit) {
    const message next{from.index, from.number, by, from.sent[by]};
    ++from.sent[by];
    ++from.number;
    refused_ += failures(emit(next));
  }
  // How sockets' handlers, foreign threads and actors (but for groups) do it: the room is somebody
  // else's business.
  error_code emit_as(sender& from, const message& next, const broadcast_operator& room) {
    const auto emit = [&](const auto& to) { return next.emit_to(to); };
    const socket target(clients_[from.target()]->ref);
    switch (next.by) {
      case by_room: return emit(room);
      case by_nsp: return emit(all().all());
      case by_socket: return emit(target);
      case while_in:
        refused_ += failures(target.join(from.own_room()));
        return emit(all().to(from.own_room()));
      default:
        refused_ += failures(target.leave(from.own_room()));
        return emit(all().to(from.own_room()));
    }
  }
  // The end of a visit, in order: what `from` did so far, farewell, disconnect, and then nothing.
  template <class Farewell, class Disconnect, class TooLate>
  void see_out(sender& from, const visit& who, Farewell&& send_farewell, Disconnect&& disconnect,
               TooLate&& send_too_late) {
    const auto rooms = from.sent[by_room], nsps = from.sent[by_nsp];
    number_and_send(from, farewell, send_farewell);
    disconnect();
    number_and_send(from, too_late, send_too_late);
    (void)clients_[who.client]->home().post(
        [this, index = from.index, client = who.client, rooms, nsps] {
          check_visit(client, index, rooms, nsps);
          churn_step(client);
        });
  }
  void see_out_as(sender& from);
  void check_visit(std::size_t client, std::size_t by, std::uint64_t rooms, std::uint64_t nsps);
  std::vector<visit> take_visits(const sender& from) {
    const std::lock_guard lock(visits_mutex_);
    return std::exchange(visits_[from.index], {});
  }
  // Senders go on as long as visitors are there.
  bool finished() const { return done_ && visiting_ == 0; }
  // Calls `go_on` when what this sender has posted to lane `over` has been taken from its queue.
  void after(std::size_t over, std::function<void()> go_on) {
    (void)lanes().at(over % lane_count).post(std::move(go_on));
  }
  void client_step(std::size_t which);
  void churn_step(std::size_t which);
  void thread_loop(std::size_t which);
  struct actor_rooms {
    caf::group all, own;
  };
  void actor_step(caf::event_based_actor* self, sender& from, const actor_rooms& rooms);
  caf::behavior speak(caf::event_based_actor* self, std::size_t which);
  void on_lane(std::size_t index, const std::function<void()>& what) {
    std::promise<void> done;
    (void)lanes().at(index).post([&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }
  void settle() {
    for (std::size_t round = 0; round < 4; ++round) {
      for (std::size_t i = 0; i < lane_count; ++i) on_lane(i, [] {});
    }
  }

  std::unique_ptr<detail::runtime_side> runtime_;
  std::unique_ptr<detail::server_core> core_;
  std::vector<std::unique_ptr<order_client>>
      clients_;  // the stable ones, then those that come and go
  std::array<sender, senders> from_;
  std::vector<ledger> heard_{listeners, ledger(senders)};
  std::vector<caf::actor> listeners_;
  std::vector<caf::actor> speakers_;
  std::vector<caf::actor> handles_;  // the stable clients' actors
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> churned_{0};
  std::array<std::atomic<std::uint64_t>, faults> faults_{};
  std::atomic<std::size_t> working_{0};
  std::atomic<std::size_t> visiting_{0};  // clients that come and go, until they stay away
  std::mutex visits_mutex_;
  std::array<std::vector<visit>, senders> visits_;
  std::atomic<bool> done_{false};
};

}  // namespace gossamer::test
