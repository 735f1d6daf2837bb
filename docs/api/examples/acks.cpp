// The examples of docs/api/acks.md: asking a client, answering a client, waiting.
#include "tests/unit/api/site.hpp"

#include <future>

namespace gossamer::api {
namespace {

using ApiAcks = site;

// -- answering ------------------------------------------------------------------------------------

TEST_F(ApiAcks, WhatAHandlerReturns) {
  // example: returning
  io.on("add", [](int a, int b) { return a + b; });  // socket.emit("add", 1, 2, answer => ...)
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["add",1,2])"), "[3]");
}

TEST_F(ApiAcks, Ack) {
  std::thread worker;
  // example: ack::operator()
  io.on("report", [&](int month, gossamer::ack reply) {
    worker = std::thread([month, reply] {  // any thread, at any time later
      reply("month " + std::to_string(month), true);
      reply("again");  // does nothing: the first call counts
    });
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["report",5])"), R"(["month 5",true])");
  worker.join();
  stop();
}

TEST_F(ApiAcks, AckFail) {
  // example: ack::fail
  io.on("open", [](std::string name, gossamer::ack reply) {
    if (name.empty()) return (void)reply.fail(gossamer::failure{"no_name", "a name, please"});
    reply(true);
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["open",""])"),
            R"([{"error":{"code":"no_name","message":"a name, please"}}])");
}

TEST_F(ApiAcks, AckWanted) {
  // example: ack::wanted, ack::operator bool
  io.on("save", [](gossamer::socket s, std::string, gossamer::ack reply) {
    if (!reply.wanted()) s.emit("please", "ask for an answer");  // the same as `if (!reply)`
    reply(true);  // does nothing if nobody waits for it
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["save","x"])"), "[true]");
  ada.emit(R"(["save","x"])");
  EXPECT_EQ(ada.hears(), R"(["please","ask for an answer"])");
}

// -- asking ---------------------------------------------------------------------------------------

TEST_F(ApiAcks, EmitWithCallback) {
  // example: socket_operator::emit
  io.on_connection([](gossamer::socket s) {
    s.timeout(5s).emit("name?", [s](gossamer::result<gossamer::args> answer) {
      // On the lane of s, once: the answer, errc::ack_timeout or errc::disconnected.
      if (!answer) return;
      const auto name = answer->get<std::string>(0);
      if (name) s.emit("hello", *name);
    });
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.hears(), R"(["name?"])");
  ada.answers(R"(["ada"])");
  EXPECT_EQ(ada.hears(), R"(["hello","ada"])");
}

TEST_F(ApiAcks, Flags) {
  // example: socket_operator::compress
  io.on_connection([](gossamer::socket s) {
    const gossamer::socket_operator patient = s.timeout(5s);
    patient.compress(false).emit("archive", packed);  // a changed copy
    patient.emit("text", packed);                     // this one is as it was
  });
  // end
  client ada(io, deflating());
  EXPECT_EQ(ada.hears(), R"(["archive",")" + packed + "\"]");
  EXPECT_EQ(ada.hears(), "deflated");
}

TEST_F(ApiAcks, SendAndWrite) {
  // example: socket_operator::send, socket_operator::write
  io.on_connection([](gossamer::socket s) {
    const gossamer::socket_operator unpacked = s.compress(false);
    unpacked.send("one");   // emit("message", "one")
    unpacked.write("two");  // the same under another name
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.hears(), R"(["message","one"])");
  EXPECT_EQ(ada.hears(), R"(["message","two"])");
}

TEST_F(ApiAcks, FlagsThenOthers) {
  // example: socket_operator::broadcast, socket_operator::to, socket_operator::in
  // example: socket_operator::except, socket_operator::local
  io.on("say", [](gossamer::socket s, std::string text) {
    const auto others = s.volatile_();  // the flags go with the broadcast
    others.broadcast().emit("all others", text);
    others.to("desk").emit("desk", text);
    others.in("desk").emit("desk again", text);
    others.except("desk").emit("not the desk", text);
    others.local().emit("on this node", text);
    return "done";
  });
  // end
  io.on("enter", [](gossamer::socket s, std::string room) { return !s.join(room); });
  client ada(io), bob(io), carol(io);
  EXPECT_EQ(bob.ask(R"(["enter","desk"])"), "[true]");
  EXPECT_EQ(ada.ask(R"(["say","hi"])"), R"(["done"])");
  EXPECT_EQ(bob.hears(), R"(["all others","hi"])");
  EXPECT_EQ(bob.hears(), R"(["desk","hi"])");
  EXPECT_EQ(bob.hears(), R"(["desk again","hi"])");
  EXPECT_EQ(bob.hears(), R"(["on this node","hi"])");
  EXPECT_EQ(carol.hears(), R"(["all others","hi"])");
  EXPECT_EQ(carol.hears(), R"(["not the desk","hi"])");
}

TEST_F(ApiAcks, Timeout) {
  // example: socket_operator::timeout, socket_operator::ask
  io.on("dice", [](gossamer::socket s) -> gossamer::task<std::string> {
    const auto thrown = co_await s.timeout(5s).ask<int>("throw");  // result<int>
    if (thrown == gossamer::errc::ack_timeout) co_return "too slow";
    if (thrown == gossamer::errc::bad_arguments) co_return "that is no number";
    if (!thrown) co_return "gone";  // errc::disconnected
    co_return "a " + std::to_string(*thrown);
  });
  // end
  client ada(io);
  for (const auto& [answer, told] : {std::pair("[6]", "a 6"), {R"(["x"])", "that is no number"}}) {
    ada.wire.text(R"(427["dice"])");
    EXPECT_EQ(ada.hears(), R"(["throw"])");
    ada.answers(answer);
    EXPECT_EQ(ada.wire.frame(), "text:437[\"" + std::string(told) + "\"]");
  }
}

TEST_F(ApiAcks, EmitWithAck) {
  // example: socket_operator::emit_with_ack
  io.on("measure", [](gossamer::socket s) -> gossamer::task<std::string> {
    const auto answer = co_await s.timeout(5s).emit_with_ack("size?");  // result<args>
    if (!answer) co_return answer.error().message();
    const auto width = answer->get<int>(0), height = answer->get<int>(1);
    if (!width || !height) co_return "two numbers, please";
    co_return "area " + std::to_string(*width * *height);
  });
  // end
  client ada(io);
  ada.wire.text(R"(427["measure"])");
  EXPECT_EQ(ada.hears(), R"(["size?"])");
  ada.answers("[3,4]");
  EXPECT_EQ(ada.wire.frame(), R"(text:437["area 12"])");
}

// -- coroutines -----------------------------------------------------------------------------------

namespace steps {
// example: task::task
// A part of a handler. It starts when it is awaited, on the same lane.
gossamer::task<int> total(gossamer::socket s, std::vector<std::string> parts) {
  int sum = 0;
  for (const auto& part : parts) {
    const auto price = co_await s.timeout(5s).ask<int>("price of", part);
    if (!price) throw std::runtime_error("no price for " + part);  // whoever awaits gets it
    sum += *price;
  }
  co_return sum;
}
// end
}  // namespace steps

TEST_F(ApiAcks, Task) {
  // example: awaiting
  io.on("buy", [](gossamer::socket s, std::vector<std::string> parts) -> gossamer::task<int> {
    co_return co_await steps::total(s, parts);  // what it throws is logged and answered
  });
  // end
  client ada(io);
  ada.wire.text(R"(427["buy",["tea","milk"]])");
  EXPECT_EQ(ada.hears(), R"(["price of","tea"])");
  ada.answers("[3]");
  EXPECT_EQ(ada.hears(), R"(["price of","milk"])");
  ada.answers("[1]");
  EXPECT_EQ(ada.wire.frame(), "text:437[4]");
}

TEST_F(ApiAcks, InOrder) {
  // example: in_order
  io.on("order", gossamer::in_order([](gossamer::socket s, int n) -> gossamer::task<int> {
          (void)co_await s.timeout(5s).ask<bool>("sure?", n);
          co_return n;  // the next "order" of this socket starts now, not while this one waits
        }));
  // end
  client ada(io);
  ada.wire.text(R"(421["order",1])");
  ada.wire.text(R"(422["order",2])");
  EXPECT_EQ(ada.hears(), R"(["sure?",1])");
  ada.answers("[true]");
  EXPECT_EQ(ada.wire.frame(), "text:431[1]");
  EXPECT_EQ(ada.hears(), R"(["sure?",2])");
  ada.answers("[true]");
  EXPECT_EQ(ada.wire.frame(), "text:432[2]");
}

// -- what goes wrong ------------------------------------------------------------------------------

TEST_F(ApiAcks, Outcome) {
  // example: outcome, failure::failure, failure::code, failure::message
  io.on("divide", [](int a, int b) -> gossamer::outcome<int> {
    if (b == 0) return gossamer::failure{"by_zero", "not by zero"};
    return a / b;
  });
  io.on("half", [](int a) -> gossamer::outcome<int> {
    gossamer::failure why;  // goes to the client as {"error":{"code":...,"message":...}}
    why.code = "odd";
    why.message = std::to_string(a) + " is odd";
    if (a % 2 != 0) return why;
    return a / 2;
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["divide",6,3])"), "[2]");
  EXPECT_EQ(ada.ask(R"(["half",3])"), R"([{"error":{"code":"odd","message":"3 is odd"}}])");
  EXPECT_EQ(ada.ask(R"(["divide",6,0])"),
            R"([{"error":{"code":"by_zero","message":"not by zero"}}])");
  EXPECT_EQ(
      ada.ask(R"(["divide","six",2])"),
      R"([{"error":{"code":"bad_arguments","message":"divide[0]: expected integer, got string"}}])");
}

TEST_F(ApiAcks, ErrorCodes) {
  // example: errc, make_error_code, gossamer_category
  const auto reserved = io.emit("disconnect");  // a name that Socket.IO keeps for itself
  const auto gone = gossamer::socket().emit("hello");
  const bool same = gone == gossamer::errc::disconnected &&
                    gone == gossamer::make_error_code(gossamer::errc::disconnected) &&
                    gone.category() == gossamer::gossamer_category();
  // end
  EXPECT_TRUE(reserved);
  EXPECT_TRUE(same);
  EXPECT_EQ(gone.message(), "the socket is disconnected");
}

TEST_F(ApiAcks, DisconnectReason) {
  gossamer::guarded<std::string> told;
  // example: disconnect_reason, text
  io.sockets().on_disconnect([&](gossamer::socket, gossamer::disconnect_reason why) {
    if (why == gossamer::disconnect_reason::transport_close) return;  // a cable was pulled
    told.with([&](std::string& line) { line = gossamer::text(why); });
  });
  // end
  const client ada(io);
  ada.leaves();
  EXPECT_TRUE(eventually([&] { return told.with([](auto& line) { return !line.empty(); }); }));
  stop();
  EXPECT_EQ(told.with([](auto& line) { return line; }), "client namespace disconnect");
}

}  // namespace
}  // namespace gossamer::api
