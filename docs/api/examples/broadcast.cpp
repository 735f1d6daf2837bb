// The examples of docs/api/broadcast.md: broadcast_operator, remote_socket, room_handle.
#include "tests/unit/api/site.hpp"

#include <future>

namespace gossamer::api {
namespace {

// Clients that are in rooms: ada in desk, bob in desk and hall, carol in hall.
class ApiBroadcast : public site {
 protected:
  ApiBroadcast() {
    io.on("enter", [](gossamer::socket s, std::vector<std::string> rooms) {
      s.data()["at"] = rooms[0];
      return !s.join(rooms);
    });
  }
  /// After the handlers of the example are registered.
  void arrive() {
    ada.emplace(io);
    bob.emplace(io);
    carol.emplace(io);
    EXPECT_EQ(ada->ask(R"(["enter",["desk"]])"), "[true]");
    EXPECT_EQ(bob->ask(R"(["enter",["desk","hall"]])"), "[true]");
    EXPECT_EQ(carol->ask(R"(["enter",["hall"]])"), "[true]");
  }
  /// What each of the three has heard by now.
  std::vector<strings> heard() {
    io.emit("end");
    return {ada->hears_until("end"), bob->hears_until("end"), carol->hears_until("end")};
  }
  std::optional<client> ada, bob, carol;
};
const strings none;

TEST_F(ApiBroadcast, To) {
  arrive();
  // example: broadcast_operator::to, broadcast_operator::in
  io.to("desk").emit("news", 1);
  io.to("desk").to("hall").emit("news", 2);              // members of either room, each once
  io.in({"desk", "hall"}).in("garden").emit("news", 3);  // in() is another name of to()
  // end
  const auto all = heard();
  EXPECT_THAT(all[0], ElementsAre(R"(["news",1])", R"(["news",2])", R"(["news",3])"));
  EXPECT_THAT(all[1], ElementsAre(R"(["news",1])", R"(["news",2])", R"(["news",3])"));
  EXPECT_THAT(all[2], ElementsAre(R"(["news",2])", R"(["news",3])"));
}

TEST_F(ApiBroadcast, Except) {
  arrive();
  // example: broadcast_operator::except
  io.to("desk").except("hall").emit("news", 1);
  // end
  EXPECT_THAT(heard(), ElementsAre(strings{R"(["news",1])"}, none, none));
}

TEST_F(ApiBroadcast, IsAValue) {
  arrive();
  // example: broadcast_operator::broadcast_operator
  const gossamer::broadcast_operator desk = io.to("desk").timeout(5s);  // may be kept ...
  desk.emit("news", 1);
  desk.except("hall").emit("news", 2);  // ... and used again: this is a changed copy
  desk.emit("news", 3);
  // end
  const auto all = heard();
  EXPECT_EQ(all[0].size(), 3U);
  EXPECT_THAT(all[1], ElementsAre(R"(["news",1])", R"(["news",3])"));
}

TEST_F(ApiBroadcast, Flags) {
  client dora(io, deflating());
  EXPECT_EQ(dora.ask(R"(["enter",["desk"]])"), "[true]");
  // example: broadcast_operator::local, broadcast_operator::compress
  io.to("desk").compress(false).emit("archive", packed);  // as it is, also with per_message_deflate
  io.to("desk").local().emit("here", packed);             // members on this node only
  // end
  EXPECT_EQ(dora.hears(), R"(["archive",")" + packed + "\"]");
  EXPECT_EQ(dora.hears(), "deflated");
}

TEST_F(ApiBroadcast, Emit) {
  arrive();
  // example: broadcast_operator::emit
  if (const auto failed = io.to("desk").emit("news", "all of you", 42)) {
    std::puts(failed.message().c_str());  // e.g. errc::lane_full
  }
  // end
  EXPECT_THAT(heard()[1], ElementsAre(R"(["news","all of you",42])"));
}

TEST_F(ApiBroadcast, EmitWithCallback) {
  arrive();
  std::promise<int> counted;
  // example: broadcast_operator::timeout
  io.to("desk").timeout(5s).emit("vote", "tea?", [&](gossamer::broadcast_answers answers) {
    int yes = 0;
    for (const gossamer::args& answer : answers.responses) {
      const auto said = answer.get<bool>(0);
      if (said && *said) ++yes;
    }
    counted.set_value(answers.complete ? yes : -1);  // not complete: somebody gave none in time
  });
  // end
  EXPECT_EQ(ada->hears(), R"(["vote","tea?"])");
  ada->answers("[true]");
  EXPECT_EQ(bob->hears(), R"(["vote","tea?"])");
  bob->answers("[true]");
  EXPECT_EQ(counted.get_future().get(), 2);
  stop();
}

TEST_F(ApiBroadcast, EmitWithAck) {
  // example: broadcast_operator::emit_with_ack
  io.on("poll", [](gossamer::socket s) -> gossamer::task<std::size_t> {
    const auto answers = co_await s.to("hall").timeout(5s).emit_with_ack("vote", "tea?");
    co_return answers.responses.size();  // answers.complete: are these all?
  });
  // end
  arrive();
  ada->wire.text(R"(425["poll"])");
  for (auto* each : {&bob, &carol}) {
    EXPECT_EQ((*each)->hears(), R"(["vote","tea?"])");
    (*each)->answers("[true]");
  }
  EXPECT_EQ(ada->wire.frame(), "text:435[2]");
}

TEST_F(ApiBroadcast, SocketsJoinAndLeave) {
  arrive();
  // example: broadcast_operator::sockets_join, broadcast_operator::sockets_leave
  io.to("desk").sockets_join({"garden", "terrace"});  // who is at the desk is there too now
  io.to("hall").sockets_leave("garden");
  // end
  io.to("garden").emit("in the garden");
  io.to("terrace").emit("on the terrace");
  const auto all = heard();
  EXPECT_THAT(all[0], ElementsAre(R"(["in the garden"])", R"(["on the terrace"])"));
  EXPECT_THAT(all[1], ElementsAre(R"(["on the terrace"])"));
}

TEST_F(ApiBroadcast, DisconnectSockets) {
  arrive();
  // example: broadcast_operator::disconnect_sockets
  io.to("hall").disconnect_sockets();      // they leave the namespace
  io.in("desk").disconnect_sockets(true);  // their connections end
  // end
  EXPECT_TRUE(ada->is_closed());
  EXPECT_TRUE(carol->is_told_to_leave());
}

TEST_F(ApiBroadcast, FetchSockets) {
  std::promise<std::size_t> found;
  // example: broadcast_operator::fetch_sockets
  io.on("who is here", [](gossamer::socket s) -> gossamer::task<std::vector<std::string>> {
    std::vector<std::string> ids;
    for (const auto& other : co_await s.to("desk").fetch_sockets()) ids.push_back(other.id());
    co_return ids;
  });
  // end
  arrive();
  // example: broadcast_operator::fetch_sockets
  // Outside a coroutine, by a callback:
  io.to("hall").fetch_sockets([&](const std::vector<gossamer::remote_socket>& sockets) {
    found.set_value(sockets.size());
  });
  // end
  EXPECT_EQ(ada->ask(R"(["who is here"])"), "[[\"" + bob->id + "\"]]");
  EXPECT_EQ(found.get_future().get(), 2U);
  stop();
}

// -- remote_socket --------------------------------------------------------------------------------

TEST_F(ApiBroadcast, RemoteSocketState) {
  // example: remote_socket::id, remote_socket::rooms, remote_socket::data_json
  // example: remote_socket::handshake
  io.on("describe", [](gossamer::socket s) -> gossamer::task<std::vector<std::string>> {
    std::vector<std::string> lines;
    for (const auto& other : co_await s.to("desk").fetch_sockets()) {
      lines.push_back(other.id() + " in " + std::to_string(other.rooms().size()) + " rooms, " +
                      other.data_json() + " from " + std::string(other.handshake().address()));
    }
    co_return lines;
  });
  // end
  arrive();
  EXPECT_EQ(ada->ask(R"(["describe"])"),
            "[[\"" + bob->id + R"( in 3 rooms, {\"at\":\"desk\"} from 127.0.0.1"]])");
}

TEST_F(ApiBroadcast, RemoteSocketOperations) {
  arrive();
  // example: remote_socket::emit, remote_socket::join, remote_socket::leave
  io.to("desk").fetch_sockets([](const std::vector<gossamer::remote_socket>& sockets) {
    for (const auto& each : sockets) {
      each.join("garden");
      each.leave("desk");
      each.emit("moved", "garden");
    }
  });
  // end
  EXPECT_EQ(ada->hears(), R"(["moved","garden"])");
  EXPECT_EQ(bob->hears(), R"(["moved","garden"])");
  EXPECT_EQ(io.sockets().room_size("garden"), 2U);
  EXPECT_EQ(io.sockets().room_size("desk"), 0U);
}

TEST_F(ApiBroadcast, RemoteSocketDisconnect) {
  arrive();
  // example: remote_socket::disconnect
  io.except("desk").fetch_sockets([](const std::vector<gossamer::remote_socket>& sockets) {
    for (const auto& each : sockets) each.disconnect();  // disconnect(true): the connection too
  });
  // end
  EXPECT_TRUE(carol->is_told_to_leave());
  EXPECT_THAT(bob->ask(R"(["enter",["desk"]])"), "[true]");
}

TEST_F(ApiBroadcast, RemoteSocketAsks) {
  // example: remote_socket::emit_with_ack, remote_socket::timeout
  io.on("neighbours", [](gossamer::socket s) -> gossamer::task<std::vector<std::string>> {
    std::vector<std::string> names;
    for (const auto& other : co_await s.to("desk").fetch_sockets()) {
      const auto name = co_await other.emit_with_ack("name?");  // result<args>
      const auto age = co_await other.timeout(10ms).ask<int>("age?");
      names.push_back(std::string(name->raw(0)) + (age ? "" : ", age unknown"));
    }
    co_return names;
  });
  // end
  arrive();
  ada->wire.text(R"(425["neighbours"])");
  EXPECT_EQ(bob->hears(), R"(["name?"])");
  bob->answers("[7]");
  EXPECT_EQ(ada->wire.frame(), R"(text:435[["7, age unknown"]])");
}

// -- room_handle ----------------------------------------------------------------------------------

TEST_F(ApiBroadcast, RoomHandle) {
  arrive();
  // example: room_handle::nsp, room_handle::name, room_handle::size, room_handle::emit
  const gossamer::room_handle desk = io.room("/", "desk");
  const auto line = desk.nsp() + " " + desk.name() + ": " + std::to_string(desk.size());
  desk.emit("counted", line);
  // end
  EXPECT_THAT(heard()[0], ElementsAre(R"(["counted","/ desk: 2"])"));
}

TEST_F(ApiBroadcast, RoomNames) {
  arrive();
  // example: room_names
  const std::vector<std::string> several{"desk", "hall"};
  io.to("desk").emit("one");            // a name
  io.to(several).emit("several");       // names
  io.to({"desk", "hall"}).emit("two");  // the same, written out
  // end
  EXPECT_THAT(heard()[2], ElementsAre(R"(["several"])", R"(["two"])"));
}

}  // namespace
}  // namespace gossamer::api
