// The examples of docs/api/events.md: what handlers take and give, typed events, values.
#include "tests/unit/api/site.hpp"

#include <boost/describe.hpp>

#include <map>
#include <optional>
#include <variant>

namespace gossamer::api {
namespace {

using ApiEvents = site;

TEST_F(ApiEvents, Parameters) {
  // example: parameters
  io.on("one", [] { return "no arguments wanted"; });
  io.on("two", [](int number, std::string text) { return text + std::to_string(number); });
  io.on("three", [](gossamer::socket s, std::optional<int> maybe) {  // may be absent or null
    return s.id().size() + static_cast<std::size_t>(maybe.value_or(0));
  });
  io.on("four", [](int first, gossamer::args rest) { return first + int(rest.size()); });
  io.on("five", [](gossamer::socket, std::string text, gossamer::ack reply) { reply(text, 5); });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["one",1,2,3])"), R"(["no arguments wanted"])");
  EXPECT_EQ(ada.ask(R"(["two",2,"x"])"), R"(["x2"])");
  EXPECT_EQ(ada.ask(R"(["three"])"), "[20]");
  EXPECT_EQ(ada.ask(R"(["four",1,"a","b"])"), "[3]");
  EXPECT_EQ(ada.ask(R"(["five","x"])"), R"(["x",5])");
}

// -- typed events ---------------------------------------------------------------------------------

// example: event
struct order {
  std::string symbol;
  int quantity = 0;
  std::optional<double> limit;  // may be absent
};
BOOST_DESCRIBE_STRUCT(order, (), (symbol, quantity, limit))

// What comes with the event, and what is answered.
inline constexpr gossamer::event<order, int> place{"place"};
inline constexpr gossamer::event<std::string> news{"news"};  // nothing is answered
// end

TEST_F(ApiEvents, TypedEvents) {
  // example: event
  io.sockets().on(place, [](gossamer::socket s, order what) {
    s.emit(news, what.symbol + " is bought");
    return what.quantity;
  });
  io.on("ask back", [](gossamer::socket s) -> gossamer::task<int> {
    const order wish{"ACME", 5, 1.5};  // with a name: g++ 12 destroys such a temporary twice
    const auto sold = co_await s.ask(place, wish);  // result<int>
    co_return sold ? *sold : 0;
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["place",{"symbol":"ACME","quantity":3}])"), "[3]");
  EXPECT_EQ(ada.hears(), R"(["news","ACME is bought"])");
  EXPECT_EQ(
      ada.ask(R"(["place",{"symbol":"ACME"}])"),
      R"([{"error":{"code":"bad_arguments","message":"place[0].quantity: expected integer, got nothing"}}])");
  ada.wire.text(R"(427["ask back"])");
  EXPECT_EQ(ada.hears(), R"(["place",{"symbol":"ACME","quantity":5,"limit":1.5}])");
  ada.answers("[4]");
  EXPECT_EQ(ada.wire.frame(), "text:437[4]");
}

// -- values ---------------------------------------------------------------------------------------

TEST_F(ApiEvents, Types) {
  // example: types
  io.on("types", [](std::vector<int> list, std::map<std::string, double> prices,
                    std::variant<int, std::string> either, std::tuple<int, bool> pair,
                    boost::json::value any) {
    return boost::json::array{list.size(), prices.at("tea"), either.index(), std::get<1>(pair),
                              any};
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["types",[1,2],{"tea":2.5},"x",[1,true],{"a":null}])"),
            R"([[2,2.5,1,true,{"a":null}]])");
}

}  // namespace
}  // namespace gossamer::api

// example: json_codec
namespace shop {
struct cents {
  std::int64_t amount = 0;
};
}  // namespace shop

// On the wire a price is a text: "2.50".
template <>
struct gossamer::json_codec<shop::cents> {
  static std::string expects() { return "price"; }
  static bool read(json_reader& in, shop::cents& out) {
    std::string text;
    if (!in.string(text)) return false;
    if (text.size() < 4 || text[text.size() - 3] != '.') return in.fail("expected price");
    out.amount = std::stoll(text.erase(text.size() - 3, 1));
    return true;
  }
  static void write(json_writer& out, const shop::cents& given) {
    auto text = std::to_string(given.amount);
    out.string(text.insert(text.size() - 2, "."));
  }
};
// end

namespace gossamer::api {
namespace {

TEST_F(ApiEvents, TypesOfYourOwn) {
  // example: json_codec
  io.on("double", [](shop::cents price) { return shop::cents{2 * price.amount}; });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["double","2.50"])"), R"(["5.00"])");
  EXPECT_THAT(ada.ask(R"(["double","2,50"])"), HasSubstr("double[0]: expected price"));
}

TEST_F(ApiEvents, Binaries) {
  // example: bytes, bytes::filled, bytes::size, bytes::empty, bytes::data, bytes::view
  io.on("upload", [](gossamer::socket s, std::string name, gossamer::bytes content) {
    if (content.empty()) return;
    s.emit("begins with", std::string(content.view().substr(1, 3)));  // the same: data(), size()
    const auto twice = gossamer::bytes::filled(2 * content.size(), [&](char* to) {
      std::copy_n(content.data(), content.size(), to);
      std::copy_n(content.data(), content.size(), to + content.size());
    });
    s.emit("stored", name, twice, gossamer::bytes("thanks"));
  });
  // end
  client ada(io);
  ada.wire.text(R"(451-["upload","a.png",{"_placeholder":true,"num":0}])");
  ada.wire.binary("\x89PNG....");
  EXPECT_EQ(ada.hears(), R"(["begins with","PNG"])");
  EXPECT_EQ(ada.hears(),
            R"(["stored","a.png",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  EXPECT_THAT(ada.attachments, ElementsAre("binary:\x89PNG....\x89PNG....", "binary:thanks"));
}

TEST_F(ApiEvents, Args) {
  // example: args::size, args::empty, args::items, args::raw, args::at, args::get, args::from
  io.on("any", [](gossamer::args all) {
    if (all.empty()) return std::string("nothing");
    const auto number = all.get<int>(0);  // converted, or why not
    const boost::json::value second = all.at(1);
    const gossamer::args rest = all.from(2);  // shares the text
    return std::to_string(number ? *number : -1) + " " + std::string(all.raw(0)) + " " +
           std::string(second.as_string()) + " " + std::to_string(rest.size()) + ": " +
           std::string(rest.items());
  });
  // end
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["any"])"), R"(["nothing"])");
  EXPECT_EQ(ada.ask(R"(["any",1.0,"x",{"a":1},12345678901234567890])"),
            R"(["1 1.0 x 2: {\"a\":1},12345678901234567890"])");
}

TEST_F(ApiEvents, ArgsRelay) {
  // example: args::args, args::attachments, args::view
  io.on("relay", [](gossamer::socket s, std::string room, gossamer::args rest) {
    s.to(room).emit("relayed", rest);  // its items, as they came, binaries included
    return rest.attachments().size() + rest.view().size();
  });
  // end
  io.on("enter", [](gossamer::socket s) { return !s.join("desk"); });
  client ada(io), bob(io);
  EXPECT_EQ(bob.ask(R"(["enter"])"), "[true]");
  EXPECT_EQ(ada.ask(R"(["relay","desk",1.50,{ "a" : 12345678901234567890 }])"), "[2]");
  EXPECT_EQ(bob.hears(), R"(["relayed",1.50,{ "a" : 12345678901234567890 }])");
}

TEST_F(ApiEvents, ArgsView) {
  // example: args_view::each, args_view::keep
  io.on_connection([](gossamer::socket s) {
    s.on_any_outgoing(
        [](gossamer::socket who, std::string_view event, const gossamer::args_view& values) {
          if (event != "hello") return;
          std::string line;
          values.each([&](std::string_view item) { line.append(item).append(";"); });
          who.data()["sent"] = line;
          who.set_data(values.keep());  // a view is valid during the call only; args are a value
        });
    s.emit("hello", 1, "x");
  });
  io.on("sent", [](gossamer::socket s) { return s.data<gossamer::args>(); });
  // end
  io.on("line", [](gossamer::socket s) { return std::string(s.data()["sent"].as_string()); });
  client ada(io);
  EXPECT_EQ(ada.ask(R"(["sent"])"), R"([1,"x"])");
  EXPECT_EQ(ada.ask(R"(["line"])"), R"(["1;\"x\";"])");
}

TEST_F(ApiEvents, JsonText) {
  // example: from_json, to_json
  const auto read = gossamer::from_json<order>(R"({"symbol":"ACME","quantity":5})");
  const auto wrong = gossamer::from_json<order>(R"({"symbol":"ACME","quantity":"5"})");
  const std::string text = gossamer::to_json(order{"ACME", 5, {}});
  // end
  EXPECT_EQ(read->quantity, 5);
  EXPECT_EQ(wrong.error().message(), "quantity: expected integer, got string");
  EXPECT_EQ(text, R"({"symbol":"ACME","quantity":5})");
}

}  // namespace
}  // namespace gossamer::api
