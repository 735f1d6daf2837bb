// The examples of docs/api/parsers.md: how packets travel.
#include "tests/unit/api/site.hpp"

#include <array>
#include <gossamer/parser.hpp>

namespace gossamer::api {
namespace {

// example: parser::encode, parser::decode_text, parser::decode_binary
// example: outgoing_packet::type, outgoing_packet::nsp, outgoing_packet::id, outgoing_packet::json
// example: outgoing_packet::attachments, incoming_packet::type, incoming_packet::nsp
// example: incoming_packet::id, incoming_packet::json, incoming_packet::attachments
// example: message_list::text, message_list::binary
// A packet is one line, `type|nsp|id|json`; each binary follows in a message of its own.
class lines final : public gossamer::parser {
 public:
  void encode(const gossamer::outgoing_packet& p, gossamer::message_list& out) const override {
    const auto id = p.id ? p.id->text() : std::string();
    out.text(std::to_string(int(p.type)) + "|" + std::string(p.nsp) + "|" + id + "|" +
             std::string(p.json));
    for (const auto& each : p.attachments) out.binary(each.view());
  }

  gossamer::result<std::optional<gossamer::incoming_packet>> decode_text(
      std::string_view line, gossamer::parser_memory_ptr&) const override {
    const auto field = [&line] {
      const auto end = std::min(line.find('|'), line.size());
      const auto found = line.substr(0, end);
      line.remove_prefix(std::min(end + 1, line.size()));
      return std::string(found);
    };
    gossamer::incoming_packet p;
    p.type = gossamer::packet_type(std::atoi(field().c_str()));
    p.nsp = field();
    if (const auto id = field(); !id.empty()) p.id = gossamer::ack_id::parse(id);
    p.json = line;          // the server checks that it is JSON, and the rest of the packet
    p.attachments.clear();  // this one takes in none
    return std::optional(std::move(p));
  }

  gossamer::result<std::optional<gossamer::incoming_packet>> decode_binary(
      const gossamer::bytes&, gossamer::parser_memory_ptr&) const override {
    return gossamer::make_error_code(gossamer::errc::bad_arguments);  // closes the connection
  }
};
// end

TEST(ApiParser, OfYourOwn) {
  // example: parser::encode
  gossamer::options how;
  how.parser = std::make_shared<lines>();
  gossamer::server io(how);
  io.on("add", [](int a, int b) { return a + b; });
  // end
  io.on("picture", [](gossamer::socket s) { s.emit("picture", gossamer::bytes("....")); });
  test::test_client wire(listen(io));
  (void)wire.upgrade("/socket.io/?EIO=4&transport=websocket");
  (void)wire.frame();
  wire.text("40|/||");
  EXPECT_THAT(wire.frame(), testing::StartsWith(R"(text:40|/||{"sid":")"));
  wire.text(R"(42|/|7|["add",1,2])");
  EXPECT_EQ(wire.frame(), "text:43|/|7|[3]");
  wire.text(R"(42|/||["picture"])");
  EXPECT_EQ(wire.frame(), R"(text:42|/||["picture",{"_placeholder":true,"num":0}])");
  EXPECT_EQ(wire.frame(), "binary:....");
}

}  // namespace
}  // namespace gossamer::api
