// The examples of docs/api/socket.md.
#include "tests/unit/api/site.hpp"

#include <future>
#include <set>

namespace gossamer::api {
namespace {

using ApiSocket = site;

TEST_F(ApiSocket, Id) {
  // example: socket::id
  io.on("who am i", [](gossamer::socket s) { return s.id(); });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["who am i"])"), "[\"" + ada.id + "\"]");
}

TEST_F(ApiSocket, Nsp) {
  // example: socket::nsp
  io.of("/desk").on("where", [](gossamer::socket s) { return s.nsp(); });
  // end
  client ada(io, {.nsp = "/desk"});
  EXPECT_EQ(ada.ask(R"(["where"])"), R"(["/desk"])");
}

// -- sending --------------------------------------------------------------------------------------

TEST_F(ApiSocket, Emit) {
  // example: socket::emit
  io.on_connection([](gossamer::socket s) {
    s.emit("hello", "world", 42, std::vector<int>{1, 2});  // to this client only
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.hears(), R"(["hello","world",42,[1,2]])");
}

TEST_F(ApiSocket, SendAndWrite) {
  // example: socket::send, socket::write
  io.on_connection([](gossamer::socket s) {
    s.send("one", 1);  // emit("message", "one", 1)
    s.write("two");    // the same under another name
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.hears(), R"(["message","one",1])");
  EXPECT_EQ(ada.hears(), R"(["message","two"])");
}

TEST_F(ApiSocket, EmitWithAck) {
  // example: socket::emit_with_ack
  io.on("add", [](gossamer::socket s, int a, int b) -> gossamer::task<std::string> {
    const auto answer = co_await s.emit_with_ack("sum of", a, b);  // result<args>
    if (!answer) co_return answer.error().message();
    co_return "the client says " + std::string(answer->raw(0));
  });
  // end
  client ada(io);
  ada.wire.text(R"(421["add",1,2])");
  EXPECT_EQ(ada.hears(), R"(["sum of",1,2])");
  ada.answers("[3]");
  EXPECT_EQ(ada.wire.frame(), R"(text:431["the client says 3"])");
}

TEST_F(ApiSocket, Ask) {
  // example: socket::ask
  io.on("order", [](gossamer::socket s, std::string what) -> gossamer::task<std::string> {
    const auto sure = co_await s.ask<bool>("sure?", what);  // result<bool>
    co_return sure&&* sure ? "bought" : "not bought";
  });
  // end
  client ada(io);
  ada.wire.text(R"(421["order","tea"])");
  EXPECT_EQ(ada.hears(), R"(["sure?","tea"])");
  ada.answers("[true]");
  EXPECT_EQ(ada.wire.frame(), R"(text:431["bought"])");
}

TEST_F(ApiSocket, Compress) {
  // example: socket::compress
  io.on("archive", [](gossamer::socket s) {
    s.compress(false).emit("archive", packed);  // to deflate it again would not make it smaller
  });
  // end
  io.on("text", [](gossamer::socket s) { s.emit("text", packed); });
  client ada(io, deflating());
  ada.emit(R"(["text"])");
  EXPECT_EQ(ada.hears(), "deflated");
  ada.emit(R"(["archive"])");
  EXPECT_EQ(ada.hears(), R"(["archive",")" + packed + "\"]");
}

TEST_F(ApiSocket, Timeout) {
  // example: socket::timeout
  io.on("try", [](gossamer::socket s) -> gossamer::task<std::string> {
    const auto answer = co_await s.timeout(20ms).ask<int>("still there?");
    co_return answer ? "yes" : answer.error().message();
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["try"])"), R"(["operation has timed out"])");
}

// -- to others ------------------------------------------------------------------------------------

TEST_F(ApiSocket, Broadcast) {
  // example: socket::broadcast
  io.on("say", [](gossamer::socket s, std::string text) {
    s.broadcast().emit("said", text);  // to everybody else in the namespace
    return "done";
  });
  // end
  client ada(io), bob(io);
  EXPECT_EQ(ada.ask(R"(["say","hi"])"), R"(["done"])");
  EXPECT_EQ(bob.hears(), R"(["said","hi"])");
  io.emit("end");
  EXPECT_THAT(ada.hears_until("end"), IsEmpty());
}

TEST_F(ApiSocket, ToAndIn) {
  // example: socket::to, socket::in
  io.on("say", [](gossamer::socket s, std::string text) {
    s.to("desk").emit("said", text);             // to everybody else in the room
    s.in({"desk", "hall"}).emit("heard", text);  // in either room; the same as to()
    return "done";
  });
  // end
  io.on("enter", [](gossamer::socket s, std::string room) { return !s.join(room); });
  client ada(io), bob(io), carol(io);
  for (auto* each : {&ada, &bob}) EXPECT_EQ(each->ask(R"(["enter","desk"])"), "[true]");
  for (auto* each : {&bob, &carol}) EXPECT_EQ(each->ask(R"(["enter","hall"])"), "[true]");
  EXPECT_EQ(ada.ask(R"(["say","hi"])"), R"(["done"])");
  io.emit("end");
  EXPECT_THAT(ada.hears_until("end"), IsEmpty());
  EXPECT_THAT(bob.hears_until("end"), ElementsAre(R"(["said","hi"])", R"(["heard","hi"])"));
  EXPECT_THAT(carol.hears_until("end"), ElementsAre(R"(["heard","hi"])"));
}

TEST_F(ApiSocket, Except) {
  // example: socket::except
  io.on("say", [](gossamer::socket s, std::string text) {
    s.except("quiet").emit("said", text);  // everybody else but the members of this room
    return "done";
  });
  // end
  io.on("hush", [](gossamer::socket s) { return !s.join("quiet"); });
  client ada(io), bob(io), carol(io);
  EXPECT_EQ(bob.ask(R"(["hush"])"), "[true]");
  EXPECT_EQ(ada.ask(R"(["say","hi"])"), R"(["done"])");
  io.emit("end");
  EXPECT_THAT(bob.hears_until("end"), IsEmpty());
  EXPECT_THAT(carol.hears_until("end"), ElementsAre(R"(["said","hi"])"));
}

TEST_F(ApiSocket, Local) {
  // example: socket::local
  io.on("say", [](gossamer::socket s, std::string text) {
    s.local().emit("said", text);  // everybody else on this node
  });
  // end
  client ada(io), bob(io);
  ada.emit(R"(["say","hi"])");
  EXPECT_EQ(bob.hears(), R"(["said","hi"])");
}

// -- rooms and life -------------------------------------------------------------------------------

TEST_F(ApiSocket, JoinLeaveAndRooms) {
  // example: socket::join, socket::leave, socket::rooms
  io.on("move", [](gossamer::socket s) {
    s.join("hall");
    s.join({"desk", "kitchen"});
    s.leave("hall");
    return s.rooms();  // its id first, the others in any order
  });
  // end
  client ada(io);
  EXPECT_THAT(ada.ask(R"(["move"])"), testing::AnyOf("[[\"" + ada.id + R"(","desk","kitchen"]])",
                                                     "[[\"" + ada.id + R"(","kitchen","desk"]])"));
}

TEST_F(ApiSocket, Disconnect) {
  // example: socket::disconnect
  io.on("leave", [](gossamer::socket s) { s.disconnect(); });        // this namespace
  io.on("go away", [](gossamer::socket s) { s.disconnect(true); });  // the whole connection
  // end
  client ada(io), bob(io);
  ada.emit(R"(["leave"])");
  EXPECT_TRUE(ada.is_told_to_leave());
  bob.emit(R"(["go away"])");
  EXPECT_TRUE(bob.is_closed());
}

TEST_F(ApiSocket, CloseConnection) {
  // example: socket::close_connection
  io.on("reconnect", [](gossamer::socket s) {
    s.close_connection();  // no disconnect packet: official clients come back by themselves
  });
  // end
  client ada(io);
  ada.emit(R"(["reconnect"])");
  EXPECT_TRUE(ada.is_closed());
}

TEST_F(ApiSocket, ConnectedAndDisconnected) {
  std::vector<bool> seen;
  // example: socket::connected, socket::disconnected
  io.on("leave", [&](gossamer::socket s) {
    seen.push_back(s.connected());  // true
    s.disconnect();
    seen.push_back(s.disconnected());  // true: at once, since this is the lane of s
  });
  // end
  client ada(io);
  ada.emit(R"(["leave"])");
  EXPECT_TRUE(ada.is_told_to_leave());
  stop();
  EXPECT_THAT(seen, ElementsAre(true, true));
}

TEST_F(ApiSocket, StopToken) {
  const auto cancelled = std::make_shared<std::promise<void>>();
  // example: socket::stop_token
  io.on("search", [cancelled](gossamer::socket s) {
    // Some thread of yours; it stops when the client has gone.
    std::thread([cancelled, token = s.stop_token()] {
      while (!token.stop_requested()) std::this_thread::yield();
      cancelled->set_value();
    }).detach();
  });
  // end
  {
    client ada(io);
    ada.emit(R"(["search"])");
    ada.leaves();
    EXPECT_EQ(cancelled->get_future().wait_for(20s), std::future_status::ready);
  }
  stop();
}

TEST_F(ApiSocket, Handshake) {
  // example: socket::handshake
  io.on("from", [](gossamer::socket s) { return s.handshake().address(); });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["from"])"), R"(["127.0.0.1"])");
}

TEST_F(ApiSocket, TransportAndRevision) {
  // example: socket::transport, socket::revision
  io.on("how", [](gossamer::socket s) {
    const bool websocket = s.transport() == gossamer::transport_kind::websocket;
    return std::string(websocket ? "websocket" : "polling") + ", Engine.IO " +
           std::to_string(s.revision());
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["how"])"), R"(["websocket, Engine.IO 4"])");
}

TEST(ApiSocketRecovered, IsTrueForAClientThatMissedNothing) {
  auto how = two_lanes();
  how.connection_state_recovery.emplace();
  server io(how);
  // example: socket::recovered
  io.on_connection([](gossamer::socket s) {
    if (s.recovered()) return;  // same id, rooms and data; what it missed has been sent
    s.join("desk");
    s.emit("welcome");
  });
  // end
  io.on("came back?", [](gossamer::socket s) { return s.recovered(); });
  std::string ticket;
  {
    client ada(io);
    const auto event = ada.hears();  // ["welcome","<offset>"]
    const auto at = ada.connected.find("\"pid\":\"") + 7;
    ticket = R"({"pid":")" + ada.connected.substr(at, ada.connected.find('"', at) - at) +
             R"(","offset":)" + event.substr(11, event.size() - 12) + "}";
    ada.wire.hang_up();
    EXPECT_TRUE(eventually([&] { return io.sockets().socket_count() == 0; }));
  }
  io.to("desk").emit("missed");
  client ada(io, {.auth = ticket});
  EXPECT_THAT(ada.hears(), testing::StartsWith(R"(["missed")"));
  EXPECT_EQ(ada.ask(R"(["came back?"])"), "[true]");
  EXPECT_THAT(ada.waiting(), IsEmpty()) << "no second welcome";
}

// -- data -----------------------------------------------------------------------------------------

TEST_F(ApiSocket, JsonData) {
  // example: socket::data
  io.on("name", [](gossamer::socket s, std::string name) { s.data()["name"] = name; });
  io.on("who", [](gossamer::socket s) { return std::string(s.data()["name"].as_string()); });
  // end
  client ada(io);
  ada.emit(R"(["name","ada"])");
  EXPECT_EQ(ada.ask(R"(["who"])"), R"(["ada"])");
}

TEST_F(ApiSocket, TypedData) {
  // example: socket::data<T>, socket::set_data
  struct visit {
    std::string name;
    int clicks = 0;
  };
  io.on("name", [](gossamer::socket s, std::string name) { s.set_data(visit{name}); });
  io.on("click", [](gossamer::socket s) { return ++s.data<visit>().clicks; });
  // end
  client ada(io);
  ada.emit(R"(["name","ada"])");
  EXPECT_EQ(ada.ask(R"(["click"])"), "[1]");
  EXPECT_EQ(ada.ask(R"(["click"])"), "[2]");
}

TEST_F(ApiSocket, FindData) {
  // example: socket::find_data
  struct login {
    std::string name;
  };
  io.on("who", [](gossamer::socket s) {
    const auto found = s.find_data<login>();  // null if nobody has stored a login
    return found ? found->name : "nobody";
  });
  // end
  io.on("login", [](gossamer::socket s, std::string name) { s.set_data(login{name}); });
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["who"])"), R"(["nobody"])");
  ada.emit(R"(["login","ada"])");
  EXPECT_EQ(ada.ask(R"(["who"])"), R"(["ada"])");
}

}  // namespace
}  // namespace gossamer::api
