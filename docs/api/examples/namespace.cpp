// The examples of docs/api/namespace.md.
#include "tests/unit/api/site.hpp"

#include <future>

namespace gossamer::api {
namespace {

using ApiNsp = site;

TEST_F(ApiNsp, NameAndRef) {
  // example: nsp::name, nsp_of
  io.of("desk").on("where", [](gossamer::socket s) {
    return gossamer::nsp_of(s).name();  // "/desk"
  });
  // end
  client ada(io, {.nsp = "/desk"});
  EXPECT_EQ(ada.ask(R"(["where"])"), R"(["/desk"])");
}

// -- handlers -------------------------------------------------------------------------------------

TEST_F(ApiNsp, OnAndOff) {
  // example: nsp::on, nsp::off
  auto desk = io.of("/desk");
  desk.on("add", [](int a, int b) { return a + b; })
      .on("old", [] { return "still here"; })
      .off("old");  // its handlers on the namespace; those of single sockets stay
  // end
  desk.on("sync", [] { return 1; });
  client ada(io, {.nsp = "/desk"});
  EXPECT_EQ(ada.ask(R"(["add",1,2])"), "[3]");
  ada.emit(R"(["old"])");
  EXPECT_EQ(ada.ask(R"(["sync"])"), "[1]");
  ada.wire.text(R"(42/desk,99["old"])");
  EXPECT_EQ(ada.ask(R"(["sync"])"), "[1]") << "nobody answers 99";
}

TEST_F(ApiNsp, OnAny) {
  // example: nsp::on_any
  io.of("/desk").on_any([](gossamer::socket s, std::string_view event, const gossamer::args& all) {
    s.emit("seen", event, all.size());
  });
  // end
  client ada(io, {.nsp = "/desk"});
  ada.emit(R"(["say",1,2])");
  EXPECT_EQ(ada.hears(), R"(["seen","say",2])");
}

TEST_F(ApiNsp, OnConnection) {
  // example: nsp::on_connection
  io.of("/desk").on_connection([](gossamer::socket s) -> gossamer::task<> {
    const auto name = co_await s.timeout(5s).ask<std::string>("name?");
    if (name) s.emit("hello", *name);  // a plain function will do if nothing is to be awaited
  });
  // end
  client ada(io, {.nsp = "/desk"});
  EXPECT_EQ(ada.hears(), R"(["name?"])");
  ada.answers(R"(["ada"])");
  EXPECT_EQ(ada.hears(), R"(["hello","ada"])");
}

TEST_F(ApiNsp, OnDisconnectingAndOnDisconnect) {
  gossamer::guarded<strings> log;
  // example: nsp::on_disconnecting, nsp::on_disconnect
  auto desk = io.of("/desk");
  desk.on_connection([](gossamer::socket s) { s.join("lamp"); });
  desk.on_disconnecting([](gossamer::socket s, gossamer::disconnect_reason) {
    s.to(s.rooms()).emit("leaves", s.id());  // its rooms are still there
  });
  desk.on_disconnect([&](gossamer::socket s, gossamer::disconnect_reason why) {
    log.with([&](auto& lines) {
      lines.push_back(std::string(gossamer::text(why)) +
                      ", rooms: " + std::to_string(s.rooms().size()));
    });
  });
  // end
  client bob(io, {.nsp = "/desk"});
  std::string id;
  {
    const client ada(io, {.nsp = "/desk"});
    id = ada.id;
    ada.leaves();
    EXPECT_EQ(bob.hears(), "[\"leaves\",\"" + id + "\"]");
  }
  EXPECT_TRUE(eventually([&] { return log.with([](auto& all) { return !all.empty(); }); }));
  stop();
  EXPECT_EQ(log.with([](auto& all) { return all[0]; }), "client namespace disconnect, rooms: 0");
}

TEST_F(ApiNsp, MapErrors) {
  // example: nsp::map_errors, nsp::map_no_errors
  const auto add = [](int a, int b) { return a + b; };
  io.of("/plain").on("add", add).map_errors([](const gossamer::failure& why) {
    return "\"" + why.code + "\"";  // JSON text: the only argument of the ack
  });
  io.of("/silent").on("add", add).map_no_errors();  // no answer, as in Node
  // end
  client ada(io, {.nsp = "/plain"});
  EXPECT_EQ(ada.ask(R"(["add",1,"x"])"), R"(["bad_arguments"])");
  client bob(io, {.nsp = "/silent"});
  bob.wire.text(R"(42/silent,99["add",1,"x"])");
  EXPECT_EQ(bob.ask(R"(["add",1,2])"), "[3]") << "nobody answers 99";
}

TEST_F(ApiNsp, SingleLane) {
  // example: nsp::single_lane
  int visits = 0;  // no lock: handlers of this namespace take turns
  io.of("/desk").single_lane().on("visit", [&visits] { return ++visits; });
  // end
  client ada(io, {.nsp = "/desk"}), bob(io, {.nsp = "/desk"});
  EXPECT_EQ(ada.ask(R"(["visit"])"), "[1]");
  EXPECT_EQ(bob.ask(R"(["visit"])"), "[2]");
  stop();
}

TEST_F(ApiNsp, ServerSideEmit) {
  std::vector<bool> told;
  std::promise<bool> all;
  // example: nsp::server_side_emit, nsp::server_side_emit_with_ack
  // To the other servers of a cluster. There is none yet: it is complete with no answers.
  io.of("/desk").server_side_emit("prices", 1.5, [&](gossamer::broadcast_answers answers) {
    told.push_back(answers.complete && answers.responses.empty());
  });
  io.on_connection([&](gossamer::socket) -> gossamer::task<> {
    const auto answers = co_await io.of("/desk").server_side_emit_with_ack("prices", 1.5);
    all.set_value(answers.complete);
  });
  // end
  EXPECT_THAT(told, ElementsAre(true));
  const client ada(io);
  EXPECT_TRUE(all.get_future().get());
  EXPECT_TRUE(io.of("/desk").server_side_emit("connection")) << "a reserved name";
  stop();
}

// -- rooms as they come and go --------------------------------------------------------------------

TEST_F(ApiNsp, RoomEvents) {
  gossamer::guarded<strings> log;
  const auto note = [&](std::string line) {
    log.with([&](strings& all) { all.push_back(std::move(line)); });
  };
  // example: nsp::on_create_room, nsp::on_delete_room, nsp::on_join_room, nsp::on_leave_room
  auto desk = io.of("/desk");
  desk.on_create_room([=](std::string_view room) { note("create " + std::string(room)); });
  desk.on_delete_room([=](std::string_view room) { note("delete " + std::string(room)); });
  desk.on_join_room([=](std::string_view room, std::string_view id) {
    if (room != id) note("join " + std::string(room));  // each socket is in the room of its id
  });
  desk.on_leave_room([=](std::string_view room, std::string_view id) {
    if (room != id) note("leave " + std::string(room));
  });
  // end
  desk.on("visit", [](gossamer::socket s) {
    s.join("lamp");
    s.leave("lamp");
    return 1;
  });
  {
    client ada(io, {.nsp = "/desk"});
    EXPECT_EQ(ada.ask(R"(["visit"])"), "[1]");
  }
  stop();
  EXPECT_THAT(log.with([](auto& all) { return all; }),
              testing::IsSupersetOf({"create lamp", "join lamp", "leave lamp", "delete lamp"}));
}

// -- all sockets ----------------------------------------------------------------------------------

// Two clients of /desk; ada is in the room "lamp".
class ApiNspAll : public site {
 protected:
  ApiNspAll() {
    desk.on("enter", [](gossamer::socket s, std::string room) { return !s.join(room); });
  }
  /// After the handlers of the example are registered.
  void arrive() {
    ada.emplace(io, introduction{.nsp = "/desk"});
    bob.emplace(io, introduction{.nsp = "/desk"});
    EXPECT_EQ(ada->ask(R"(["enter","lamp"])"), "[true]");
  }
  std::vector<strings> heard() {
    desk.emit("end");
    return {ada->hears_until("end"), bob->hears_until("end")};
  }
  nsp desk = io.of("/desk");
  std::optional<client> ada, bob;
};
const strings none;

TEST_F(ApiNspAll, EmitAllSendWrite) {
  arrive();
  // example: nsp::emit, nsp::all, nsp::send, nsp::write
  desk.emit("news", 1);        // to everybody in the namespace
  desk.all().emit("news", 2);  // the same, by an operator
  desk.send("three");          // emit("message", "three")
  desk.write("four");
  // end
  const strings all{R"(["news",1])", R"(["news",2])", R"(["message","three"])",
                    R"(["message","four"])"};
  EXPECT_THAT(heard(), ElementsAre(all, all));
}

TEST_F(ApiNspAll, Rooms) {
  arrive();
  // example: nsp::to, nsp::in, nsp::except
  desk.to("lamp").emit("on");
  desk.in("lamp").emit("off");  // another name of to()
  desk.except("lamp").emit("dark");
  // end
  EXPECT_THAT(heard(), ElementsAre(strings{R"(["on"])", R"(["off"])"}, strings{R"(["dark"])"}));
}

TEST_F(ApiNspAll, Flags) {
  client dora(io, deflating("/desk"));
  // example: nsp::local, nsp::compress
  desk.compress(false).emit("archive", packed);  // as it is, also with per_message_deflate
  desk.local().emit("here", packed);             // on this node only
  // end
  EXPECT_EQ(dora.hears(), R"(["archive",")" + packed + "\"]");
  EXPECT_EQ(dora.hears(), "deflated");
}

TEST_F(ApiNspAll, Acks) {
  // example: nsp::emit_with_ack, nsp::timeout
  desk.on("poll", [desk = desk](gossamer::socket) -> gossamer::task<std::size_t> {
    (void)co_await desk.emit_with_ack("ignored");  // without a time to wait: over at once
    const auto answers = co_await desk.timeout(5s).emit_with_ack("vote", "tea?");
    co_return answers.responses.size();
  });
  // end
  arrive();
  ada->wire.text(R"(42/desk,5["poll"])");
  for (auto* each : {&ada, &bob}) {
    EXPECT_EQ((*each)->hears(), R"(["ignored"])");
    EXPECT_EQ((*each)->hears(), R"(["vote","tea?"])");
    (*each)->answers("[true]");
  }
  EXPECT_EQ(ada->wire.frame(), "text:43/desk,5[2]");
}

TEST_F(ApiNspAll, Many) {
  // example: nsp::fetch_sockets, nsp::sockets_join, nsp::sockets_leave
  desk.on("gather", [desk = desk](gossamer::socket) -> gossamer::task<std::size_t> {
    desk.sockets_join({"garden", "terrace"});  // everybody
    desk.sockets_leave("terrace");
    co_return (co_await desk.fetch_sockets()).size();
  });
  // end
  arrive();
  EXPECT_EQ(ada->ask(R"(["gather"])"), "[2]");
  EXPECT_EQ(desk.room_size("garden"), 2U);
  EXPECT_EQ(desk.room_size("terrace"), 0U);
}

TEST_F(ApiNspAll, Disconnect) {
  arrive();
  // example: nsp::disconnect_sockets
  desk.disconnect_sockets();  // disconnect_sockets(true): their connections too
  // end
  EXPECT_TRUE(ada->is_told_to_leave());
  EXPECT_TRUE(bob->is_told_to_leave());
}

TEST_F(ApiNspAll, Counts) {
  arrive();
  // example: nsp::socket_count, nsp::room_count, nsp::room_size
  const auto sockets = desk.socket_count();     // 2
  const auto rooms = desk.room_count();         // 3: "lamp", and one for each socket's id
  const auto members = desk.room_size("lamp");  // 1
  // end
  EXPECT_EQ(sockets, 2U);
  EXPECT_EQ(rooms, 3U);
  EXPECT_EQ(members, 1U);
}

}  // namespace
}  // namespace gossamer::api
