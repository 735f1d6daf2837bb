// The examples of docs/api/server.md.
#include "tests/unit/api/site.hpp"

#include <future>

namespace gossamer::api {
namespace {

using ApiServer = site;

// -- life -----------------------------------------------------------------------------------------

TEST(ApiServerLife, Constructor) {
  // example: server::server
  gossamer::options how;
  how.path = "/live";
  how.lanes = 2;             // threads for clients; 0, the default: one for each core
  gossamer::server io(how);  // throws std::invalid_argument for a bad value
  // end
  const brief_end soon(io);
  EXPECT_EQ(test::test_client(listen(io)).get("/live/?EIO=4&transport=polling").status, 200U);
  how.lanes = 65;
  EXPECT_THROW(gossamer::server bad(how), std::invalid_argument);
}

TEST_F(ApiServer, Listen) {
  // example: server::listen, bound_address::host, bound_address::port
  const auto bound = io.listen({.host = "127.0.0.1", .port = 0});  // 0: any free port
  if (!bound) return (void)std::fputs(bound.error().message().c_str(), stderr);
  std::printf("listening on %s port %u\n", bound->host.c_str(), bound->port);
  // end
  EXPECT_EQ(bound->host, "127.0.0.1");
  EXPECT_EQ(test::test_client(bound->port).get("/socket.io/?EIO=4&transport=polling").status, 200U);
}

TEST_F(ApiServer, Run) {
  stop_report ended{.clean = false};
  // example: server::run
  std::thread elsewhere([&] { io.stop(); });  // or SIGTERM, or SIGINT
  ended = io.run();                           // waits for it
  // end
  elsewhere.join();
  EXPECT_TRUE(ended.clean);
  EXPECT_EQ(io.emit("late"), errc::server_stopped);
}

TEST_F(ApiServer, Stop) {
  const client ada(io);
  // example: server::stop, stop_options::at_most, stop_report::clean
  const gossamer::stop_report ended =
      io.stop({.at_most = 2s});  // sends what is queued, then closes
  if (!ended.clean) std::puts("2 s were not enough");
  // end
  EXPECT_TRUE(ended.clean);
  EXPECT_EQ(io.emit("late"), errc::server_stopped);
}

TEST_F(ApiServer, Counts) {
  const client ada(io);
  // example: server::counts, server_counts::connections, server_counts::polling_sessions
  // example: server_counts::websocket_sessions, server_counts::sessions
  const gossamer::server_counts now = io.counts();
  const auto line = std::to_string(now.sessions()) + " clients (" +
                    std::to_string(now.websocket_sessions) + " on WebSockets, " +
                    std::to_string(now.polling_sessions) + " polling) on " +
                    std::to_string(now.connections) + " connections";
  // end
  EXPECT_EQ(line, "1 clients (1 on WebSockets, 0 polling) on 1 connections");
}

TEST_F(ApiServer, After) {
  std::promise<void> rung;
  // example: server::after, pending_call::cancel
  const auto alarm = io.after(20ms, [&] { rung.set_value(); });  // once
  const auto never = io.after(10ms, [] { std::abort(); });
  never.cancel();
  // end
  EXPECT_EQ(rung.get_future().wait_for(20s), std::future_status::ready);
  gossamer::pending_call().cancel();
  stop();
}

TEST_F(ApiServer, ServerSideEmit) {
  std::vector<bool> told;
  std::promise<bool> all;
  // example: server::server_side_emit, server::server_side_emit_with_ack
  // To the other servers of a cluster. There is none yet: it is complete with no answers.
  io.server_side_emit("prices", 1.5, [&](gossamer::broadcast_answers answers) {
    told.push_back(answers.complete && answers.responses.empty());
  });
  io.on_connection([&](gossamer::socket) -> gossamer::task<> {
    const auto answers = co_await io.server_side_emit_with_ack("prices", 1.5);
    all.set_value(answers.complete);
  });
  // end
  EXPECT_THAT(told, ElementsAre(true));
  const client ada(io);
  EXPECT_TRUE(all.get_future().get());
  EXPECT_TRUE(io.server_side_emit("connection")) << "a reserved name";
  stop();
}

// -- namespaces -----------------------------------------------------------------------------------

TEST_F(ApiServer, OfAndSockets) {
  // example: server::of, server::sockets
  io.of("/desk").on("where", [] { return "at the desk"; });
  io.sockets().on("where", [] { return "in the main namespace"; });  // the same as io.of("/")
  // end
  client ada(io, {.nsp = "/desk"}), bob(io);
  EXPECT_EQ(ada.ask(R"(["where"])"), R"(["at the desk"])");
  EXPECT_EQ(bob.ask(R"(["where"])"), R"(["in the main namespace"])");
}

TEST_F(ApiServer, OfPattern) {
  // example: server::of_pattern
  io.of_pattern("/desk-[0-9]+").on("where", [](gossamer::socket s) { return s.nsp(); });
  // end
  client ada(io, {.nsp = "/desk-7"});
  EXPECT_EQ(ada.ask(R"(["where"])"), R"(["/desk-7"])");
  EXPECT_EQ(client(io, {.nsp = "/desk-x"}).refused, R"({"message":"Invalid namespace"})");
}

TEST_F(ApiServer, OfMatching) {
  // example: server::of_matching
  auto desks = io.of_matching([](std::string_view name, const gossamer::handshake& from,
                                 const std::function<void(bool)>& answer) {
    answer(name.starts_with("/desk-") && from.query("staff").has_value());  // or later, once
  });
  desks.on("where", [](gossamer::socket s) { return s.nsp(); });
  // end
  client ada(io, {.nsp = "/desk-7", .query = "&staff=1"});
  EXPECT_EQ(ada.ask(R"(["where"])"), R"(["/desk-7"])");
  EXPECT_FALSE(client(io, {.nsp = "/desk-8"}).refused.empty());
}

TEST_F(ApiServer, OnNewNamespace) {
  strings made;
  // example: server::on_new_namespace
  io.on_new_namespace([&](const gossamer::nsp& made_now) { made.push_back(made_now.name()); });
  (void)io.of("/desk");
  // end
  EXPECT_THAT(made, ElementsAre("/desk"));
}

TEST_F(ApiServer, Room) {
  // example: server::room
  const gossamer::room_handle lobby = io.room("/", "lobby");  // a name: it makes nothing
  io.on("knock", [lobby] { lobby.emit("somebody knocks"); });
  // end
  io.on("enter", [](gossamer::socket s) { return !s.join("lobby"); });
  client ada(io), bob(io);
  EXPECT_EQ(ada.ask(R"(["enter"])"), "[true]");
  bob.emit(R"(["knock"])");
  EXPECT_EQ(ada.hears(), R"(["somebody knocks"])");
}

// -- the main namespace ---------------------------------------------------------------------------

TEST_F(ApiServer, UseOnOnConnection) {
  // example: server::use, server::on, server::on_connection
  io.use([](gossamer::handshake from) -> gossamer::admission {
    if (from.auth("name").is_string()) return gossamer::admit();
    return gossamer::refuse("who are you?");
  });
  io.on_connection([](gossamer::socket s) { s.emit("hello"); });
  io.on("add", [](int a, int b) { return a + b; });
  // end
  client ada(io, {.auth = R"({"name":"ada"})"});
  EXPECT_EQ(ada.hears(), R"(["hello"])");
  EXPECT_EQ(ada.ask(R"(["add",1,2])"), "[3]");
  EXPECT_EQ(client(io).refused, R"({"message":"who are you?"})");
}

// Two clients; ada is in the room "desk".
class ApiServerAll : public site {
 protected:
  ApiServerAll() {
    io.on("enter", [](gossamer::socket s, std::string room) { return !s.join(room); });
  }
  /// After the handlers of the example are registered.
  void arrive() {
    ada.emplace(io);
    bob.emplace(io);
    EXPECT_EQ(ada->ask(R"(["enter","desk"])"), "[true]");
  }
  std::vector<strings> heard() {
    io.sockets().emit("end");
    return {ada->hears_until("end"), bob->hears_until("end")};
  }
  std::optional<client> ada, bob;
};

TEST_F(ApiServerAll, EmitSendWrite) {
  arrive();
  // example: server::emit, server::send, server::write
  io.emit("news", "for everybody", 1);
  io.send("two");  // emit("message", "two")
  io.write("three");
  // end
  const strings all{R"(["news","for everybody",1])", R"(["message","two"])",
                    R"(["message","three"])"};
  EXPECT_THAT(heard(), ElementsAre(all, all));
}

TEST_F(ApiServerAll, ToInExcept) {
  arrive();
  // example: server::to, server::in, server::except
  io.to("desk").emit("one");
  io.in("desk").emit("two");  // another name of to()
  io.except("desk").emit("three");
  // end
  EXPECT_THAT(heard(), ElementsAre(strings{R"(["one"])", R"(["two"])"}, strings{R"(["three"])"}));
}

TEST_F(ApiServerAll, Flags) {
  client dora(io, deflating());
  // example: server::local, server::compress
  io.compress(false).emit("archive", packed);  // as it is, also with per_message_deflate
  io.local().emit("here", packed);             // on this node only
  // end
  EXPECT_EQ(dora.hears(), R"(["archive",")" + packed + "\"]");
  EXPECT_EQ(dora.hears(), "deflated");
}

TEST_F(ApiServerAll, Acks) {
  // example: server::timeout, server::emit_with_ack
  io.on("poll", [&io = io](gossamer::socket) -> gossamer::task<std::size_t> {
    (void)co_await io.emit_with_ack("ignored");  // without a time to wait: over at once
    const auto answers = co_await io.timeout(5s).emit_with_ack("vote", "tea?");
    co_return answers.responses.size();
  });
  // end
  arrive();
  ada->wire.text(R"(425["poll"])");
  for (auto* each : {&ada, &bob}) {
    EXPECT_EQ((*each)->hears(), R"(["ignored"])");
    EXPECT_EQ((*each)->hears(), R"(["vote","tea?"])");
    (*each)->answers("[true]");
  }
  EXPECT_EQ(ada->wire.frame(), "text:435[2]");
}

TEST_F(ApiServerAll, Many) {
  // example: server::fetch_sockets, server::sockets_join, server::sockets_leave
  io.on("gather", [&io = io](gossamer::socket) -> gossamer::task<std::size_t> {
    io.sockets_join({"garden", "terrace"});
    io.sockets_leave("terrace");
    co_return (co_await io.fetch_sockets()).size();
  });
  // end
  arrive();
  EXPECT_EQ(ada->ask(R"(["gather"])"), "[2]");
  EXPECT_EQ(io.sockets().room_size("garden"), 2U);
  EXPECT_EQ(io.sockets().room_size("terrace"), 0U);
}

TEST_F(ApiServerAll, DisconnectSockets) {
  arrive();
  // example: server::disconnect_sockets
  io.disconnect_sockets(true);  // without true they only leave the namespace
  // end
  EXPECT_TRUE(ada->is_closed());
  EXPECT_TRUE(bob->is_closed());
}

}  // namespace
}  // namespace gossamer::api
