// The examples of docs/api/actors.md: sockets as actors, actors in rooms, a system of one's own.
#include "tests/unit/api/site.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <future>
#include <gossamer/actors.hpp>

namespace gossamer::api {
namespace {

using ApiActors = site;

TEST_F(ApiActors, System) {
  // example: server::system
  const caf::actor counter = io.system().spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[n = 0](int more) mutable { return n += more; }};
  });
  // end
  caf::scoped_actor self(io.system());
  self->request(counter, caf::infinite, 2)
      .receive([](int n) { EXPECT_EQ(n, 2); }, [](const caf::error&) { FAIL(); });
  caf::anon_send_exit(counter, caf::exit_reason::user_shutdown);
}

// Knows prices; of "gold" it knows none.
caf::behavior desk(caf::event_based_actor*) {
  return {[](const std::string& symbol) -> caf::expected<double> {
    if (symbol == "gold") return caf::make_error(caf::sec::invalid_argument);
    return 2.5;
  }};
}

TEST_F(ApiActors, Request) {
  const caf::actor prices = io.system().spawn(desk);
  // example: request, socket_request::then, socket_request::answer, socket_request::as
  // example: socket_request::error_of
  io.on("answered", [prices](gossamer::socket s, std::string symbol, gossamer::ack reply) {
    gossamer::request(s, prices, 2s, symbol).answer<double>(reply);
  });
  io.on("awaited", [prices](gossamer::socket s, std::string symbol) -> gossamer::task<bool> {
    const auto price = co_await gossamer::request(s, prices, 2s, symbol).as<double>();
    co_return price&&* price < 3;  // result<double>
  });
  io.on("called back", [prices](gossamer::socket s, std::string symbol) {
    gossamer::request(s, prices, 2s, symbol)
        .then([s](double price) { s.emit("costs", price); },
              [s](const caf::error& why) {  // the actor's, or one of gossamer
                const auto slow = gossamer::make_error_code(gossamer::errc::ack_timeout);
                s.emit("no price", why == gossamer::socket_request::error_of(slow));
              });
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["answered","tea"])"), "[2.5]");
  EXPECT_THAT(ada.ask(R"(["answered","gold"])"), HasSubstr("error"));
  EXPECT_EQ(ada.ask(R"(["awaited","tea"])"), "[true]");
  ada.emit(R"(["called back","tea"])");
  EXPECT_EQ(ada.hears(), R"(["costs",2.5])");
  ada.emit(R"(["called back","gold"])");
  EXPECT_EQ(ada.hears(), R"(["no price",false])");
}

TEST_F(ApiActors, SocketsAreActors) {
  // example: actor_of, emit_event, make_event, join_rooms, leave_rooms, disconnect_socket
  // example: disconnect_socket::close
  io.on("act", [&io = io](gossamer::socket s) {
    const caf::actor handle = gossamer::actor_of(s);  // empty if the socket is gone
    io.system().spawn([handle](caf::event_based_actor* self) {
      self->send(handle, gossamer::make_event("hello", "from an actor", 1));
      self->send(handle, gossamer::emit_event{"again", gossamer::args("2", 1)});
      self->send(handle, gossamer::join_rooms{{"desk", "hall"}});
      self->send(handle, gossamer::leave_rooms{{"hall"}});
      self->send(handle, gossamer::disconnect_socket{.close = true});  // all in this order
    });
  });
  // end
  std::promise<std::string> rooms;
  io.sockets().on_disconnecting([&](gossamer::socket s, gossamer::disconnect_reason) {
    rooms.set_value(s.rooms().back() + " of " + std::to_string(s.rooms().size()));
  });
  client ada(io);
  ada.emit(R"(["act"])");
  EXPECT_EQ(ada.hears(), R"(["hello","from an actor",1])");
  EXPECT_EQ(ada.hears(), R"(["again",2])");
  EXPECT_TRUE(ada.is_closed());
  EXPECT_EQ(rooms.get_future().get(), "desk of 2");
  stop();
}

TEST_F(ApiActors, Monitors) {
  std::promise<bool> told;
  // example: exit_reason_of
  const caf::actor watcher = io.system().spawn([&](caf::event_based_actor* self) -> caf::behavior {
    self->set_down_handler([&told](const caf::down_msg& down) {
      const auto left = gossamer::disconnect_reason::client_namespace_disconnect;
      told.set_value(down.reason == gossamer::exit_reason_of(left));
    });
    return {[self](const caf::actor& whom) { self->monitor(whom); }};
  });
  io.on_connection([watcher](gossamer::socket s) {
    caf::anon_send(watcher, gossamer::actor_of(s));  // CAF ends actors that nobody holds
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["sync"])"), "[1]");
  ada.leaves();
  auto ended = told.get_future();
  ASSERT_EQ(ended.wait_for(20s), std::future_status::ready);
  EXPECT_TRUE(ended.get());
  stop();
}

// example: room_event, room_event::nsp, room_event::room, room_event::name
// example: room_event::arguments, room_event::from, room_of
// An actor in a room: it hears what the room hears and speaks to everybody in it but itself.
caf::behavior bot(caf::event_based_actor* self, const caf::group& room) {
  self->join(room);
  return {[self, room](const gossamer::room_event& heard) {
    const auto text = heard.arguments.get<std::string>(0);
    if (heard.name != "said" || !text) return;
    self->send(room, gossamer::make_event("echo", *text, heard.nsp, heard.room, heard.from));
  }};
}
// end

TEST_F(ApiActors, MembersOfRooms) {
  // example: room_event
  io.on_connection([](gossamer::socket s) { s.join("lobby"); });
  io.on("say", [](gossamer::socket s, std::string text) { s.to("lobby").emit("said", text); });
  io.system().spawn(bot, gossamer::room_of(io.sockets(), "lobby"));
  // end
  client ada(io);
  const auto echo = R"(["echo","hi","/","lobby",")" + ada.id + "\"]";
  EXPECT_TRUE(eventually([&] {  // the bot joins some time
    ada.emit(R"(["say","hi"])");
    io.emit("end");
    const auto heard = ada.hears_until("end");
    return !heard.empty() && heard[0] == echo;
  }));
  stop();
}

TEST_F(ApiActors, RoomHandleIsAGroup) {
  // example: room_handle::operator caf::group
  const caf::group lobby = io.room("/", "lobby");
  caf::anon_send(lobby, gossamer::make_event("hello", 1));  // a broadcast
  // end
  EXPECT_TRUE(lobby);
  EXPECT_EQ(lobby, gossamer::room_of(io.sockets(), "lobby"));
}

TEST(ApiActorsConfigure, ASystemOfYourOwn) {
  // example: configure, system_options::lanes, system_options::polled, system_options::pin_cpus
  // example: system_options::lane_inbox_bytes_max, system_options::slow_handler
  // example: system_options::log
  gossamer::system_options lanes;
  lanes.lanes = 2;
  lanes.polled = false;
  lanes.pin_cpus = false;
  lanes.lane_inbox_bytes_max = 8 << 20;
  lanes.slow_handler = 50ms;
  lanes.log = gossamer::logger(gossamer::log_level::warn, gossamer::stderr_sink());
  caf::actor_system_config config;
  gossamer::configure(config, lanes);  // its workers are lanes, rooms are groups
  caf::actor_system system(config);
  {
    gossamer::server io(system, {});  // ends before its system
    io.on("add", [](int a, int b) { return a + b; });
    // end
    EXPECT_EQ(client(io).ask(R"(["add",1,2])"), "[3]");
    // example: configure
  }
  // end
}

}  // namespace
}  // namespace gossamer::api
