// What the simulator runs: one process of a cluster, and the world as that process sees it.
//
// A node owns the pure cores of one boot and wires them as the real drivers do. It knows no other
// node, no global state and no real clock; all randomness comes from its environment.
#pragma once

#include "runtime/base/random.hpp"
#include "runtime/base/time.hpp"
#include "runtime/membership/address.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gossamer::simulation {

using membership::address;

/// The machine and the network around one boot of a node.
class environment {
 public:
  virtual ~environment() = default;

  /// May be lost, delayed, doubled or overtaken.
  virtual void send_datagram(const address& to, std::string bytes) = 0;
  /// In order per pair of machines, over a connection that is opened on first need. What is not
  /// delivered when the connection breaks is lost; both ends then hear `link_lost`.
  virtual void send_link(const address& to, std::string bytes) = 0;
  /// The machine's wall clock, which may step.
  [[nodiscard]] virtual std::uint64_t wall_microseconds() const = 0;
  [[nodiscard]] virtual random_source& random() = 0;
  /// One line of the transcript.
  virtual void trace(std::string_view line) = 0;
};

class node {
 public:
  virtual ~node() = default;

  virtual void start(time_point now) = 0;
  virtual void datagram(time_point now, const address& from, std::string_view bytes) = 0;
  virtual void link_message(time_point now, const address& from, std::string_view bytes) = 0;
  virtual void link_lost(time_point now, const address& peer) = 0;
  /// Called at or after `wake()`.
  virtual void tick(time_point now) = 0;
  [[nodiscard]] virtual time_point wake() const = 0;
  /// An orderly stop: the world ends the process once `stopped()`.
  virtual void leave(time_point now) = 0;
  [[nodiscard]] virtual bool stopped() const = 0;
};

/// One boot: on which machine, and what that machine remembers of earlier boots.
struct boot_info {
  std::size_t machine = 0;
  address at;
  std::uint64_t boot = 0;  // counts the boots of the whole world
  /// What the last boot wrote to disk; 0 if there was none or the disk is new.
  std::uint64_t persisted_epoch = 0;
};

}  // namespace gossamer::simulation
