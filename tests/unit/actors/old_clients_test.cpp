// Clients of Engine.IO revision 3: protocol 4, the ids of their sockets, and old and new ones
// together.
#include "tests/unit/actors/fake_clients.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gossamer {
namespace {

using test::world;
using testing::ElementsAre;
using testing::IsEmpty;
using strings = std::vector<std::string>;

constexpr auto foreign_id = "application-made-id0";  // says nothing about lanes

TEST(OldClients, AreInTheMainNamespaceWithoutAsking) {
  world w;
  w.of("/").on_connection([](socket s) { s.emit("auth", s.handshake().auth()); });
  w.start();
  auto& client = w.open_old(0);

  EXPECT_THAT(client.received(), ElementsAre("40", "42[\"auth\",{}]"));
  EXPECT_EQ(w.of("/").socket_count(), 1U);
}

TEST(OldClients, WaitForAMiddlewareOfTheMainNamespace) {
  world w;
  std::vector<next> pending;
  w.of("/").use([&](socket, next go_on) { pending.push_back(go_on); });
  w.start();
  auto& client = w.open_old(1);
  EXPECT_THAT(client.received(), IsEmpty());

  w.on_lane(1, [&] { pending.at(0)(); });
  w.settle();

  EXPECT_THAT(client.received(), ElementsAre("40"));
}

TEST(OldClients, AskingForTheMainNamespaceAreClosed) {
  world w;
  (void)w.of("/");
  w.start();
  auto& client = w.open_old(0);
  client.says("0");
  EXPECT_EQ(client.closed(), close_reason::forced_close);
}

TEST(OldClients, GiveTheQueryOfANamespaceAsAuth) {
  world w;
  (void)w.of("/");
  w.of("/admin").on_connection([](socket s) { s.emit("auth", s.handshake().auth()); });
  w.start();
  auto& client = w.open_old(0);
  client.forget_received();

  client.says("0/admin?token=a%20b&x=1&x=2,{\"not\":\"this\"}");
  client.says("1/admin?any=thing,");
  client.says("0/admin");

  EXPECT_THAT(client.received(),
              ElementsAre("40/admin,", R"(42/admin,["auth",{"token":"a b","x":"2"}])", "40/admin,",
                          R"(42/admin,["auth",{}])"));
}

TEST(OldClients, MayHaveALongQueryButNoLongName) {
  world w;
  (void)w.of("/");
  (void)w.of("/admin");
  w.start();
  auto& client = w.open_old(0);
  client.forget_received();
  client.says("0/admin?token=" + std::string(4000, 'x') + ",");
  EXPECT_THAT(client.received(), ElementsAre("40/admin,"));
  client.says("0/" + std::string(limits::namespace_bytes_max, 'x') + ",");
  EXPECT_EQ(client.closed(), close_reason::forced_close);
}

TEST(NewClients, HaveNoQueryInANamespace) {
  world w;
  (void)w.of("/admin");
  w.start();
  auto& client = w.open(0);
  client.says("0/admin?a=b,");
  EXPECT_THAT(client.received(), ElementsAre(R"(44/admin?a=b,{"message":"Invalid namespace"})"));
}

TEST(OldClients, AreRefusedWithTheDataAlone) {
  struct row {
    boost::json::value data;
    std::string answer;
  };
  const row rows[] = {{{{"retry", false}}, R"(44/admin,{"retry":false})"},
                      {"text", R"(44/admin,"text")"},
                      {7, "44/admin,7"},
                      {nullptr, R"(44/admin,"not \"you\"")"},
                      {0, R"(44/admin,"not \"you\"")"},
                      {"", R"(44/admin,"not \"you\"")"},
                      {false, R"(44/admin,"not \"you\"")"}};
  for (const auto& [data, answer] : rows) {
    world w;
    (void)w.of("/");
    w.of("/admin").use([&data = data](socket, next go_on) { go_on(refuse("not \"you\"", data)); });
    w.start();
    auto& client = w.open_old(0);
    client.forget_received();
    client.says("0/admin,");
    EXPECT_THAT(client.received(), ElementsAre(answer));
  }
}

TEST(OldClients, HearOfAnUnknownNamespaceAsNewOnesDo) {
  world w;
  (void)w.of("/");
  w.start();
  auto& client = w.open_old(0);
  client.forget_received();
  client.says("0/none?a=b,");
  EXPECT_THAT(client.received(), ElementsAre(R"(44/none,{"message":"Invalid namespace"})"));
  EXPECT_EQ(client.closed(), std::nullopt);
}

TEST(OldClients, HaveIdsThatTheyKnow) {
  world w;
  std::vector<std::string> ids;
  const auto note = [&ids](socket s) { ids.push_back(s.id()); };
  w.of("/").on_connection(note);
  w.of("/admin").on_connection(note);
  w.start();
  auto& client = w.open_old(0);
  client.says("0/admin,");
  const std::string session(client.id().text());
  EXPECT_EQ(ids, (strings{session, "/admin#" + session}));
}

TEST(OldClients, HaveARoomOfTheirOwnNamedLikeTheirId) {
  for (const std::string_view given : {"", foreign_id}) {
    detail::socketio_options options;
    options.ids_name_lanes = given.empty();
    world w(4, options);
    std::vector<strings> rooms;
    (void)w.of("/");
    w.of("/admin").on_connection([&](socket s) {
      s.join({s.id(), "more"});
      rooms.push_back(s.rooms());
    });
    w.start();
    auto& old = w.open_old(3, given);
    old.says("0/admin,");
    auto& bystander = w.open(1);
    const auto other = bystander.joins("/admin");
    const std::string session(old.id().text());
    const std::string id = "/admin#" + session;
    EXPECT_THAT(rooms.front(), ElementsAre(id, "more"));
    old.forget_received();
    bystander.forget_received();

    w.of("/admin").to(id).emit("a");
    w.of("/admin").to(session).emit("b");
    w.of("/admin").to("/admin#" + other).emit("c");
    w.of("/").to(session).emit("d");
    w.of("/").to("/#" + session).emit("e");
    w.of("/admin").except(id).emit("f");
    w.settle();

    EXPECT_THAT(old.received(), ElementsAre(R"(42/admin,["a"])", R"(42["d"])")) << given;
    EXPECT_THAT(bystander.received(), ElementsAre(R"(42/admin,["f"])")) << given;
  }
}

TEST(OldClients, GetTheFramesThatNewOnesGet) {
  world w;
  w.of("/").on_connection([](socket s) { s.join("hall"); });
  w.start();
  auto& old = w.open_old(0);
  auto& young = w.open(1);
  (void)young.joins();
  old.forget_received();
  young.forget_received();

  w.of("/").to("hall").emit("news", "text", bytes(std::string_view("\1\2")));
  w.settle();

  EXPECT_EQ(old.received(), young.received());
  EXPECT_EQ(old.received().size(), 2U);
}

TEST(OldClients, StayWhenTheyLeaveTheMainNamespace) {
  world w;
  (void)w.of("/");
  (void)w.of("/admin");
  w.start();
  auto& client = w.open_old(0);
  client.says("0/admin,");
  client.says("1");
  w.settle();
  EXPECT_EQ(w.of("/").socket_count(), 0U);
  EXPECT_EQ(w.of("/admin").socket_count(), 1U);
  EXPECT_EQ(client.closed(), std::nullopt);
}

TEST(OldClients, AreClosedIfNoNamespaceTakesThem) {
  detail::socketio_options options;
  options.connect_timeout = milliseconds(30);
  world w(1, options);
  w.of("/").use([](socket, next go_on) { go_on(refuse("no")); });
  w.start();
  auto& client = w.open_old(0);
  EXPECT_THAT(client.received(), ElementsAre(R"(44"no")"));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!client.closed() && std::chrono::steady_clock::now() < until) w.settle();
  EXPECT_EQ(client.closed(), close_reason::forced_close);
}

}  // namespace
}  // namespace gossamer
