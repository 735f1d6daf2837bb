// Names that clients or applications make up do not become series without end.
#include "gateway/ops/metrics.hpp"
#include "tests/unit/ops/fixture.hpp"

#include <string>

namespace gossamer::test {
namespace {

using ::testing::StartsWith;

constexpr int flood = 100'000;

TEST(Cardinality, NamespacesOfAPatternAreOneSeries) {
  ops_server server{[](options& to) {
    to.child_namespaces_max = flood;
    to.lanes = 1;
    to.slow_handler = std::chrono::hours(1);  // none gets a name
  }};
  (void)server.io.of_pattern("/x.*");
  server.listen();
  socket_client client(server.port);
  const auto before = server.scrape().samples.size();
  // In and out again, so that one client can be in all of them.
  constexpr int at_once = 500;
  for (int i = 0; i < flood; i += at_once) {
    std::string frames;
    for (int n = i; n < i + at_once; ++n) {
      const auto name = "/x" + std::to_string(n) + ",";
      for (const auto& packet : {"40" + name, "41" + name}) {
        frames += websocket::encode({.code = websocket::opcode::text, .payload = packet});
      }
    }
    client.wire.send(frames);
    for (int n = 0; n < at_once; ++n) ASSERT_THAT(client.next(), StartsWith("40/x"));
  }
  const auto after = server.scrape();
  EXPECT_EQ(after.samples.size(), before);
  EXPECT_EQ(after.at("gossamer_child_namespaces"), flood);
  server.expect({{"gossamer_sockets{namespace=\"/_0\"}", 0},
                 {"gossamer_namespace_connects_total{result=\"ok\"}", flood + 1},
                 {"gossamer_disconnects_total{reason=\"client_namespace_disconnect\"}", flood}});
}

TEST(Cardinality, NamespacesOfTheApplicationAreBounded) {
  ops_server server{[](options&) {}};
  for (int i = 0; i < 1'000; ++i) (void)server.io.of("/n" + std::to_string(i));
  server.listen();
  socket_client client(server.port);
  client.wire.text("40/n900,");
  EXPECT_THAT(client.next(), StartsWith("40/n900,"));
  client.wire.text("40/n3,");
  EXPECT_THAT(client.next(), StartsWith("40/n3,"));
  const auto read = server.scrape();
  EXPECT_EQ(read.families.at("gossamer_sockets").samples, ops::namespaces_max + 1);
  EXPECT_EQ(read.families.at("gossamer_rooms").samples, ops::namespaces_max + 1);
  EXPECT_EQ(read.at("gossamer_sockets{namespace=\"/n3\"}"), 1);
  EXPECT_EQ(read.at("gossamer_sockets{namespace=\"(other)\"}"), 1);
}

// A name is escaped and cut, never broken.
TEST(Cardinality, NamesAreEscaped) {
  ops_server server{[](options&) {}};
  (void)server.io.of("/a\"b\\c\nd\xff");
  server.listen();
  EXPECT_EQ(server.scrape().at("gossamer_sockets{namespace=\"/a\\\"b\\\\c\\nd\xef\xbf\xbd\"}"), 0);
}

}  // namespace
}  // namespace gossamer::test
