// The examples of docs/api/middleware.md: who may come in, and what is known of them.
#include "tests/unit/api/site.hpp"

#include <boost/describe.hpp>

namespace gossamer::api {
namespace {

using ApiMiddleware = site;

TEST_F(ApiMiddleware, DecidesAtOnce) {
  // example: nsp::use, admit, refuse
  struct user {
    std::string name;
  };
  auto desk = io.of("/desk");
  desk.use([](gossamer::handshake from) -> gossamer::admission {
    const auto name = from.auth("name");
    if (!name.is_string()) return gossamer::refuse("who are you?", {{"retry", false}});
    return gossamer::admit(user{std::string(name.get_string())});  // becomes s.data<user>()
  });
  desk.on("who am i", [](gossamer::socket s) { return s.data<user>().name; });
  // end
  client ada(io, {.nsp = "/desk", .auth = R"({"name":"ada"})"});
  EXPECT_EQ(ada.ask(R"(["who am i"])"), R"(["ada"])");
  const client nobody(io, {.nsp = "/desk"});
  EXPECT_EQ(nobody.refused, R"({"message":"who are you?","data":{"retry":false}})");
}

TEST_F(ApiMiddleware, DecidesLater) {
  std::thread worker;
  // example: next::operator()
  io.use([&](gossamer::socket s, gossamer::next next) {
    const auto ticket = s.handshake().query("ticket");
    worker = std::thread([ticket, next] {  // any thread; the first call counts
      if (ticket != "42") return next(gossamer::refuse("no ticket"));
      next();  // or next(gossamer::admit(value))
    });
  });
  // end
  const client ada(io, {.query = "&ticket=42"});
  worker.join();
  EXPECT_FALSE(ada.id.empty());
  const client bob(io);
  worker.join();
  EXPECT_EQ(bob.refused, R"({"message":"no ticket"})");
  stop();
}

TEST_F(ApiMiddleware, WaitsInACoroutine) {
  // example: admission::refused, refusal::message, refusal::data_json
  const auto check = [](gossamer::handshake from) -> gossamer::admission {
    if (from.auth("name").is_string()) return gossamer::admit();
    return gossamer::refuse("a name, please");
  };
  io.use([check](gossamer::handshake from) -> gossamer::task<gossamer::admission> {
    auto decided = check(from);
    if (decided.refused()) {
      gossamer::refusal why = *decided.refused();
      why.message += "!";
      why.data_json = R"({"retry":true})";  // JSON text, the `data` of connect_error
      co_return why;
    }
    co_return decided;
  });
  // end
  const client ada(io, {.auth = R"({"name":"ada"})"});
  EXPECT_FALSE(ada.id.empty());
  const client bob(io);
  EXPECT_EQ(bob.refused, R"({"message":"a name, please!","data":{"retry":true}})");
}

// -- handshake ------------------------------------------------------------------------------------

TEST_F(ApiMiddleware, HandshakeOfTheRequest) {
  // example: handshake::url, handshake::header, handshake::query, handshake::address
  // example: handshake::secure, handshake::xdomain, handshake::issued_ms
  io.on("about me", [](gossamer::socket s) {
    const auto from = s.handshake();
    return std::vector<std::string>{
        std::string(from.url().substr(0, 11)),       // /socket.io/
        from.header("user-agent").value_or("none"),  // name in any case
        from.query("room").value_or("none"),         // decoded
        std::string(from.address()),                 // without port
        from.secure() ? "TLS" : "no TLS",
        from.xdomain() ? "another origin" : "no Origin",
        from.issued_ms() > 0 ? "a time" : "no time",  // since 1970, wall clock
    };
  });
  // end
  client ada(io, {.query = "&room=tea%20house", .fields = "User-Agent: ada\r\n"});
  EXPECT_EQ(ada.ask(R"(["about me"])"),
            R"([["/socket.io/","ada","tea house","127.0.0.1","no TLS","no Origin","a time"]])");
}

// example: handshake::auth, handshake::auth_args
struct ticket {
  std::string name;
  int seat = 0;
};
BOOST_DESCRIBE_STRUCT(ticket, (), (name, seat))
// end

TEST_F(ApiMiddleware, HandshakeAuth) {
  // example: handshake::auth, handshake::auth_args
  io.on("seat", [](gossamer::socket s) {
    const auto from = s.handshake();
    const auto name = from.auth("name");                  // one member; null if absent
    const auto members = from.auth().as_object().size();  // the whole of it; {} if absent
    const auto typed = from.auth_args().get<ticket>(0);   // converted, as an argument
    return boost::json::array{name, members, typed ? typed->seat : 0};
  });
  // end
  client ada(io, {.auth = R"({"name":"ada","seat":7})"});
  EXPECT_EQ(ada.ask(R"(["seat"])"), R"([["ada",2,7]])");
}

TEST_F(ApiMiddleware, HandshakeInfo) {
  // example: handshake::info
  io.on("fields", [](gossamer::socket s) {
    std::vector<std::string> names;
    s.handshake().info().each_header(
        [](void* context, std::string_view name, std::string_view) {
          static_cast<std::vector<std::string>*>(context)->emplace_back(name);
        },
        &names);
    return names;  // all header fields of the first request, lower case, in order
  });
  // end
  client ada(io);
  EXPECT_THAT(ada.ask(R"(["fields"])"), testing::StartsWith(R"([["host","connection","upgrade")"));
}

}  // namespace
}  // namespace gossamer::api
