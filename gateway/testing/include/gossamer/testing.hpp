// For tests of programs that use gossamer: in-memory clients and virtual time, no port, no thread.
//
//     TEST(Chat, TellsEverybody) {
//       gossamer::testing::server io;
//       install_chat(io);                                  // takes a gossamer::server&
//       auto ada = io.connect({.auth = {{"name", "Ada"}}});
//       auto bob = io.connect();
//       ada.emit("say", "hello");
//       EXPECT_EQ(bob.expect("said").get<std::string>(0), "hello");
//     }
//
// Everything runs on the calling thread: whatever a client does, the server has answered when the
// call returns, and nothing else ever happens by itself. Time stands still until `advance`; pings,
// timeouts of acks and of joining, `server::after`, the age of recovery and CAF's own timeouts come
// then, in order, each at its time. The same calls have the same outcome each time, ids included.
//
// A client speaks Engine.IO 4 over a WebSocket whose other end is memory: from the session upwards
// it is the real server. What is below (HTTP, routes, engine middleware, polling, TLS, compression)
// is not there, and `listen` returns errc::not_supported. `allow_request` is asked.
//
// Runs on: one thread, the test's, which must be no lane: not inside handlers. Functions that a
// test gives to `on` may use clients.
// Errors: std::logic_error where a test expects what is not there; the text says what was.
#pragma once

#include "actors/include/gossamer/event.hpp"
#include "actors/socketio/args.hpp"
#include "actors/socketio/encode.hpp"
#include "actors/socketio/json_codec.hpp"
#include "gateway/include/gossamer/server.hpp"
#include "runtime/base/time.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace caf {
class actor_system;
class actor_system_config;
}  // namespace caf

namespace gossamer::testing {

class client;
class server;
namespace detail {
class universe;
class client_core;
struct answer_state;
}  // namespace detail

/// Time, and the servers that live in it. A cheap handle: copies are the same world.
class world {
 public:
  world();

  /// Until nothing is left to be done at this time. Clients call it themselves; needed after the
  /// test has called the server (`io.emit(...)`) or sent something to an actor.
  /// Errors: std::logic_error if it does not come to rest, e.g. a handler that posts itself again.
  void run();
  /// Lets time pass, and what is due on the way happen.
  void advance(duration by);
  [[nodiscard]] time_point now() const;
  /// Runs until `holds()` is true: for a test with threads or detached actors of its own. False if
  /// it has not come true after this much of the real time.
  [[nodiscard]] bool run_until(const std::function<bool()>& holds,
                               milliseconds at_most = milliseconds(10'000));

  /// For an actor system of the program's own, in this world; instead of gossamer::configure.
  void configure(caf::actor_system_config& config, std::size_t lanes = 1);

 private:
  friend class server;
  std::shared_ptr<detail::universe> universe_;
};

/// What a client says when it comes.
struct connect_options {
  std::string nsp = "/";
  boost::json::value auth = nullptr;  // null: none; else an object
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string query{};  // behind `?EIO=4&transport=websocket`, e.g. `&token=1`
  /// False: pings are not answered, so that the server misses the client after a while.
  bool answers_pings = true;
  std::optional<std::size_t> lane{};  // which of the server's lanes; nothing: in turn
};

/// A gossamer::server without port and threads. Of the options `lanes` is 1 unless told otherwise,
/// so that handlers never run at the same time anyway; more lanes are run one after the other.
class server : public gossamer::server {
 public:
  explicit server(const options& settings = {});
  /// One of several servers with the same time.
  explicit server(const world& in, const options& settings = {});
  /// On the program's own actor system, configured by `world::configure`, which must outlive it.
  server(const world& in, caf::actor_system& system, const options& settings = {});
  ~server();

  /// A client that has connected, or was refused: see `connected` and `refused`.
  [[nodiscard]] client connect(const connect_options& how = {});

  [[nodiscard]] world& time() { return world_; }
  void run() { world_.run(); }
  void advance(duration by) { world_.advance(by); }

 private:
  struct own_lanes;
  server(const world& in, own_lanes&& lanes, const options& settings);
  [[nodiscard]] static own_lanes lanes_for(const world& in, const options& settings);
  world world_;
  std::shared_ptr<const parser> parser_;
};

/// An event as a client got it.
class event {
 public:
  std::string name;
  args arguments;

  /// One argument as a T. Errors: std::logic_error if it is not there or is no T.
  template <class T>
  [[nodiscard]] T get(std::size_t index = 0) const;
  [[nodiscard]] std::size_t size() const { return arguments.size(); }
  /// Does the server wait for an answer?
  [[nodiscard]] bool wants_answer() const { return id_.has_value(); }
  /// Answers. Errors: std::logic_error if nobody waits for it.
  template <class... Ts>
  void answer(const Ts&... values) const;

 private:
  friend class detail::client_core;
  std::optional<socketio::ack_id> id_;
  std::weak_ptr<detail::client_core> from_;
};

/// An answer that a client waits for.
class pending_answer {
 public:
  [[nodiscard]] bool arrived() const;
  /// Errors: std::logic_error if it has not arrived.
  [[nodiscard]] args arguments() const;
  /// Its first value as a T. Errors: as `arguments`, and if it is no T.
  template <class T>
  [[nodiscard]] T get(std::size_t index = 0) const;

 private:
  friend class client;
  std::shared_ptr<detail::answer_state> state_;
};

/// Why the server refused a client, as its `connect_error` says.
struct connect_refusal {
  std::string message;
  boost::json::value data;  // null if there is none
};

/// One socket of a client. A cheap handle: copies are the same client. Lives until the server ends;
/// dropping the handle closes nothing. Destroy it before its server or after, as you like.
class client {
 public:
  // -- state ------------------------------------------------------------------------------------

  [[nodiscard]] bool connected() const;
  /// Errors: std::logic_error if it never was connected.
  [[nodiscard]] std::string id() const;
  [[nodiscard]] std::optional<connect_refusal> refused() const;
  /// Why it is not connected any more, in the words of Socket.IO's own client: `io server
  /// disconnect`, `io client disconnect`, `transport close`. Nothing if it is, or never was.
  [[nodiscard]] std::optional<std::string> disconnect_reason() const;
  /// Did it come back with its session (connection_state_recovery)?
  [[nodiscard]] bool recovered() const;

  // -- to the server ----------------------------------------------------------------------------

  /// Values of any kind that `socket.emit` takes, `gossamer::bytes` among them.
  /// Errors: std::logic_error if it is not connected or the name is reserved.
  template <class... Ts>
  void emit(std::string_view name, const Ts&... values);
  /// Asks for an answer, which may come at once or when time has passed.
  template <class... Ts>
  [[nodiscard]] pending_answer emit_with_ack(std::string_view name, const Ts&... values);
  /// Asks, and expects an answer of type T at once. Errors: std::logic_error if there is none.
  template <class T, class... Ts>
  [[nodiscard]] T ask(std::string_view name, const Ts&... values) {
    return emit_with_ack(name, values...).template get<T>();
  }
  template <class Argument, class Answer>
  [[nodiscard]] Answer ask(const gossamer::event<Argument, Answer>& contract,
                           const Argument& value) {
    return ask<Answer>(contract.name, value);
  }
  /// Bytes of a Socket.IO packet as they are, e.g. `2["event"]`: for what no client would send.
  void send_raw(std::string_view packet);

  // -- from the server, in order ----------------------------------------------------------------

  /// The next event, which must have this name. Errors: std::logic_error if there is none, or
  /// another one: the text says which.
  event expect(std::string_view name);
  /// The next event, if there is one.
  std::optional<event> next();
  /// How many there are that nobody has taken.
  [[nodiscard]] std::size_t waiting() const;
  void forget_events();
  /// From now on events of this name go to `handler` as they come, not to `expect`.
  void on(std::string name, std::function<void(const event&)> handler);

  // -- the end, and after it --------------------------------------------------------------------

  /// Leaves its namespace, as `socket.disconnect()` of a client does.
  void disconnect();
  /// Closes the connection, with all namespaces.
  void close();
  /// The connection breaks.
  void drop();
  /// From now on the client takes nothing and says nothing, but its connection is there: pings stay
  /// without answer, what is sent to it waits, volatile events are dropped. `thaw` ends it.
  void freeze();
  void thaw();
  /// Connects again, by a new connection, as the client would: with its session if the server keeps
  /// them. Errors: std::logic_error if it is connected.
  void reconnect();
  /// Another namespace on the same connection.
  [[nodiscard]] client join(std::string nsp, boost::json::value auth = nullptr);

 private:
  friend class server;
  explicit client(std::shared_ptr<detail::client_core> core) : core_(std::move(core)) {}
  std::shared_ptr<detail::client_core> core_;
};

// -- what templates need
// ----------------------------------------------------------------------------

namespace detail {

[[noreturn]] void fail(const std::string& what);
[[nodiscard]] socketio::packet_address address_of(const client_core& who);
/// Makes an id for an answer, which `wait` takes.
[[nodiscard]] std::uint64_t next_id(client_core& who);
void send(client_core& who, const result<socketio::frame_set>& frames);
[[nodiscard]] std::shared_ptr<answer_state> expect_answer(client_core& who, std::uint64_t id,
                                                          std::string_view name);

template <class T>
[[nodiscard]] T value_of(const args& all, std::size_t index, std::string_view name) {
  auto found = all.get<T>(index);
  if (!found) fail(std::move(found.error()).under(name).message());
  return std::move(*found);
}

}  // namespace detail

template <class T>
T event::get(std::size_t index) const {
  return detail::value_of<T>(arguments, index, name);
}

template <class... Ts>
void event::answer(const Ts&... values) const {
  const auto to = from_.lock();
  if (to == nullptr || !id_) detail::fail("nobody waits for an answer to '" + name + "'");
  detail::send(*to, socketio::encode_ack(detail::address_of(*to), *id_, values...));
}

template <class T>
T pending_answer::get(std::size_t index) const {
  return detail::value_of<T>(arguments(), index, "answer");
}

template <class... Ts>
void client::emit(std::string_view name, const Ts&... values) {
  detail::send(*core_, socketio::encode_event(detail::address_of(*core_), {}, name, values...));
}

template <class... Ts>
pending_answer client::emit_with_ack(std::string_view name, const Ts&... values) {
  const auto id = detail::next_id(*core_);
  auto frames = socketio::encode_event(detail::address_of(*core_), id, name, values...);
  pending_answer made;
  made.state_ = detail::expect_answer(*core_, id, name);
  detail::send(*core_, frames);
  return made;
}

}  // namespace gossamer::testing
