// N machines, a virtual network and virtual time in one thread; everything follows from the seed.
//
// Links are modelled as TCP: in order, lost segments are sent again (200 ms, doubling), and a
// connection whose oldest message could not be delivered for 8 s is broken. Each end hears that it
// is before anything of the next connection.
// Limits: a socket buffer per machine (what is over it is dropped, as a kernel does), a bounded
// queue per link (over it, the link breaks).
#pragma once

#include "runtime/membership/address.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/node.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gossamer::simulation {

/// Makes the process of one boot. The environment outlives it.
using node_factory = std::function<std::unique_ptr<node>(environment&, const boot_info&)>;

struct traffic {
  std::uint64_t datagrams = 0;
  std::uint64_t datagram_bytes = 0;  // with 28 bytes of IP and UDP each
  std::uint64_t link_messages = 0;
  std::uint64_t link_bytes = 0;
  std::uint64_t overflowed = 0;  // dropped at a full socket buffer
};

class world {
 public:
  static constexpr std::size_t socket_buffer_max = 512;
  static constexpr std::size_t link_queue_max = 4096;
  static constexpr duration link_patience = seconds(8);

  world(std::uint64_t seed, std::size_t machines, node_factory factory);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  [[nodiscard]] time_point now() const { return now_; }
  /// Virtual time since the beginning.
  [[nodiscard]] duration elapsed() const { return now_ - began_; }
  /// As the transcript says it.
  [[nodiscard]] double at_seconds(time_point t) const {
    return std::chrono::duration<double>(t - began_).count();
  }
  [[nodiscard]] std::size_t size() const { return machines_.size(); }
  [[nodiscard]] static address address_of(std::size_t machine);
  [[nodiscard]] network& net() { return network_; }
  [[nodiscard]] random_source& random() { return random_; }
  [[nodiscard]] const traffic& moved() const { return traffic_; }

  void run_until(time_point until);
  void run_for(duration d) { run_until(now_ + d); }
  /// Runs until `done()` is true, asked after each event, or until `limit`; says which.
  bool run_until_true(time_point limit, const std::function<bool()>& done);

  // Machines. A process is what runs on one between boot and crash or leave.
  void boot(std::size_t machine);
  void crash(std::size_t machine);
  void leave(std::size_t machine);
  void pause(std::size_t machine, duration d);
  void step_clock(std::size_t machine, std::int64_t microseconds);
  void forget_disk(std::size_t machine);
  void slow_down(std::size_t machine, duration by);
  void limit_buffer(std::size_t machine, std::size_t datagrams);
  /// Bytes that nobody sent arrive as a datagram from `from`.
  void inject(std::size_t machine, std::size_t from, std::string bytes);
  void at(time_point when, std::function<void()> what);

  /// The running process; nothing while the machine is down.
  [[nodiscard]] node* process(std::size_t machine);
  [[nodiscard]] bool is_up(std::size_t machine) const;
  [[nodiscard]] bool is_paused(std::size_t machine) const;
  [[nodiscard]] std::uint64_t boot_of(std::size_t machine) const;
  /// Has a running process that does not stand still do something.
  void visit(std::size_t machine, const std::function<void(node&)>& what);

  /// Keeps lines for a transcript.
  void set_tracing(bool on) { tracing_ = on; }
  void trace(std::string_view line);
  [[nodiscard]] const std::vector<std::string>& transcript() const { return transcript_; }
  void persist_epoch(std::size_t machine, std::uint64_t epoch);

 private:
  struct machine;
  struct event;
  struct later;
  enum class parcel_kind : std::uint8_t { datagram, over_link, link_lost };
  struct parcel {
    std::size_t from = 0;
    parcel_kind kind = parcel_kind::datagram;
    std::string bytes;
  };
  struct stream {
    std::deque<std::string> queue;
    std::uint64_t generation = 0;
    time_point last_arrival;
    time_point head_since;
    std::size_t attempts = 0;
    bool busy = false;
  };

  [[nodiscard]] std::size_t machine_at(const address& at) const;
  void post_datagram(std::size_t from, const address& to, std::string bytes);
  void post_link(std::size_t from, const address& to, std::string bytes);
  void pump(std::size_t from, std::size_t to);
  void break_link(std::size_t from, std::size_t to, bool tell_sender);
  void break_links_of(std::size_t machine);
  void lose(std::size_t at, std::size_t peer);
  void arrive(std::size_t at, parcel&& p);
  void deliver(machine& m, const parcel& p);
  void resume(std::size_t index, std::uint64_t boot);
  void tick(std::size_t index, time_point scheduled);
  void reschedule(std::size_t index);
  void after_call(std::size_t index);
  [[nodiscard]] stream& stream_of(std::size_t from, std::size_t to);
  bool step(time_point until);

  seeded_random random_;
  network network_;
  node_factory factory_;
  time_point began_;
  time_point now_;
  std::vector<std::unique_ptr<machine>> machines_;
  std::unordered_map<std::uint64_t, stream> streams_;
  std::vector<event> events_;  // a heap
  std::uint64_t next_event_ = 0;
  std::uint64_t boots_ = 0;
  traffic traffic_;
  bool tracing_ = false;
  std::vector<std::string> transcript_;
};

}  // namespace gossamer::simulation
