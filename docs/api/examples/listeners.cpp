// The examples of docs/api/listeners.md: handlers of one socket.
#include "tests/unit/api/site.hpp"

namespace gossamer::api {
namespace {

using ApiListeners = site;

TEST_F(ApiListeners, On) {
  // example: socket::on
  io.on_connection([](gossamer::socket s) {
    s.on("add", [](int a, int b) { return a + b; });  // for this socket only
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["add",1,2])"), "[3]");
}

TEST_F(ApiListeners, Once) {
  // example: socket::once
  io.on_connection(
      [](gossamer::socket s) { s.once("ready", [](gossamer::socket who) { who.emit("go"); }); });
  // end
  client ada(io);
  ada.emit(R"(["ready"])");
  ada.emit(R"(["ready"])");
  EXPECT_EQ(ada.hears(), R"(["go"])");
  EXPECT_EQ(ada.ask(R"(["sync"])"), "[1]");
  EXPECT_THAT(ada.waiting(), IsEmpty());
}

TEST_F(ApiListeners, OffAndListenerCount) {
  // example: socket::off, socket::listener_count
  io.on_connection([](gossamer::socket s) {
    const auto first = s.on("tick", [] {});
    s.on("tick", [] {});
    s.off(first);   // this one
    s.off("tock");  // all of that event
  });
  io.on("count", [](gossamer::socket s) { return s.listener_count("tick"); });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["count"])"), "[1]");
}

TEST_F(ApiListeners, OnAnyAndPrependAny) {
  // example: socket::on_any, socket::prepend_any
  io.on_connection([](gossamer::socket s) {
    s.on_any([](gossamer::socket who, std::string_view event, const gossamer::args& values) {
      who.emit("second", event, values.size());
    });
    s.prepend_any([](gossamer::socket who, std::string_view, const gossamer::args&) {
      who.emit("first");  // before those that are there already
    });
  });
  // end
  client ada(io);
  ada.emit(R"(["say","a","b"])");
  EXPECT_EQ(ada.hears(), R"(["first"])");
  EXPECT_EQ(ada.hears(), R"(["second","say",2])");
}

TEST_F(ApiListeners, OffAnyAndListenersAny) {
  // example: socket::off_any, socket::listeners_any
  const auto note = [](gossamer::socket, std::string_view, const gossamer::args&) {};
  io.on("try", [note](gossamer::socket s) {
    const auto first = s.on_any(note);
    s.on_any(note);
    s.on_any(note);
    const auto three = s.listeners_any();
    s.off_any(first);
    const auto two = s.listeners_any();
    s.off_any();
    return std::vector{three, two, s.listeners_any()};  // [3, 2, 0]
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["try"])"), "[[3,2,0]]");
}

TEST_F(ApiListeners, OnAnyOutgoing) {
  strings log;
  // example: socket::on_any_outgoing, socket::prepend_any_outgoing
  io.on_connection([&](gossamer::socket s) {
    s.on_any_outgoing(
        [&](gossamer::socket, std::string_view event, const gossamer::args_view& values) {
          log.push_back(std::string(event) + " " + std::string(values.items()));
        });
    s.prepend_any_outgoing([&](gossamer::socket, std::string_view, const gossamer::args_view&) {
      log.emplace_back("sending");
    });
    s.emit("hello", 1, 2);
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.hears(), R"(["hello",1,2])");
  stop();
  EXPECT_THAT(log, ElementsAre("sending", "hello 1,2"));
}

TEST_F(ApiListeners, OffAnyOutgoing) {
  // example: socket::off_any_outgoing, socket::listeners_any_outgoing
  const auto note = [](gossamer::socket, std::string_view, const gossamer::args_view&) {};
  io.on("try", [note](gossamer::socket s) {
    const auto first = s.on_any_outgoing(note);
    s.on_any_outgoing(note);
    s.on_any_outgoing(note);
    const auto three = s.listeners_any_outgoing();
    s.off_any_outgoing(first);
    const auto two = s.listeners_any_outgoing();
    s.off_any_outgoing();
    return std::vector{three, two, s.listeners_any_outgoing()};  // [3, 2, 0]
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["try"])"), "[[3,2,0]]");
}

TEST_F(ApiListeners, OnDisconnectingAndOnDisconnect) {
  gossamer::guarded<strings> log;
  const auto note = [&](std::string line) {
    log.with([&](strings& all) { all.push_back(std::move(line)); });
  };
  // example: socket::on_disconnecting, socket::on_disconnect
  io.on_connection([note](gossamer::socket s) {
    s.join("desk");
    s.on_disconnecting([note](gossamer::socket who, gossamer::disconnect_reason) {
      note("leaves " + who.rooms().back());  // the rooms are still there
    });
    s.on_disconnect([note](gossamer::socket, gossamer::disconnect_reason why) {
      note(std::string(gossamer::text(why)));
    });
  });
  // end
  {
    const client ada(io);
    ada.leaves();
    EXPECT_TRUE(eventually([&] { return log.with([](auto& all) { return all.size() == 2; }); }));
  }
  stop();
  EXPECT_THAT(log.with([](auto& all) { return all; }),
              ElementsAre("leaves desk", "client namespace disconnect"));
}

TEST_F(ApiListeners, Use) {
  // example: socket::use
  io.on_connection([](gossamer::socket s) {
    s.use(
        [](gossamer::socket, std::string_view event, const gossamer::args&, gossamer::next go_on) {
          if (event == "secret")
            return go_on(gossamer::refuse("not for you"));  // nobody hears of it
          go_on();
        });
  });
  // end
  io.on("secret", [](gossamer::socket s) { s.emit("told"); });
  io.on("open", [] { return "told"; });
  client ada(io);
  ada.emit(R"(["secret"])");
  EXPECT_EQ(ada.ask(R"(["open"])"), R"(["told"])");
  EXPECT_THAT(ada.waiting(), IsEmpty());
}

TEST_F(ApiListeners, OnError) {
  // example: socket::on_error
  io.on_connection([](gossamer::socket s) {
    s.use(
        [](gossamer::socket, std::string_view, const gossamer::args& values, gossamer::next next) {
          if (values.size() > 2) return next(gossamer::refuse("too many arguments"));
          next();
        });
    s.on_error([](gossamer::socket who, const gossamer::failure& why) {
      who.emit("refused", why.message);
    });
  });
  // end
  client ada(io);
  ada.emit(R"(["say",1,2,3])");
  EXPECT_EQ(ada.hears(), R"(["refused","too many arguments"])");
}

}  // namespace
}  // namespace gossamer::api
