#include "tests/unit/membership/fixture.hpp"

#include <cctype>

namespace gossamer::membership {
namespace {

member_record full_record() {
  member_record r = peer(9);
  r.incarnation = 12345;
  r.former_tags = {node_tag{1}, node_tag{node_tag_max}};
  r.leaving = true;
  r.metadata = std::string("role=worker\0x", 13);
  return r;
}

std::vector<message> one_of_each() {
  return {
      ping{1, {1, 2}, {3, 4}},
      ping_request{2, {1, 2}, host(7), {3, 4}, 320ms},
      ack{3, {5, 6}},
      nack{4},
      alive{full_record()},
      suspect{{1, 2}, 77, {3, 4}},
      dead{{1, 2}, 1ULL << 40U, {1, 2}},
      sync_offer{full_record(), 0xfeedfacecafebeefU},
      sync_state{{8, 8}, true, {{status::left, 300s, full_record()}, {status::alive, 0s, peer(2)}}},
      sync_same{{8, 8}}};
}

TEST(GossipCodec, ReadsBackEveryMessage) {
  std::string payload = begin_packet(1);
  for (const message& m : one_of_each()) payload += encode(m);
  const auto decoded = decode(payload, own_versions, link_payload_max);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->messages, one_of_each());
}

TEST(GossipCodec, NumbersTheTypesAsTheWirePageDoes) {
  std::uint8_t expected = 1;
  for (const message& m : one_of_each()) EXPECT_EQ(type_of(m), expected++);
}

/// The bytes of version 1, for ever: a change here breaks running clusters.
TEST(GossipCodec, KeepsTheBytesOfVersionOne) {
  const auto hex = [](const std::string& bytes) {
    std::string out;
    for (const char c : bytes) {
      out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
      out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
    }
    return out;
  };
  EXPECT_EQ(hex(encode(ping{1, {1, 2}, {3, 4}})),
            "0124"
            "00000001"
            "00000000000000010000000000000002"
            "00000000000000030000000000000004");
  EXPECT_EQ(hex(encode(nack{4})),
            "0404"
            "00000004");
  EXPECT_EQ(hex(encode(suspect{{1, 2}, 300, {3, 4}})),
            "0622"
            "00000000000000010000000000000002"
            "ac02"
            "00000000000000030000000000000004");
  member_record r = peer(1);
  r.epoch = 5;
  r.metadata = "m";
  EXPECT_EQ(hex(encode(alive{r})),
            "0529"
            "00000000000000010000000000000001"
            "05"
            "00"
            "04"
            "0a000001"
            "1f0a"
            "000001"
            "010101"
            "00"
            "05"
            "7065657231"
            "00"
            "01"
            "6d");
}

TEST(GossipCodec, SkipsUnknownTypesAndCountsThem) {
  const std::string unknown = std::string("\xc8\x03", 2) + "abc";
  const std::string payload = begin_packet(1) + unknown + encode(nack{4}) + unknown;
  const auto decoded = decode(payload, own_versions, datagram_payload_max);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->messages, std::vector<message>{nack{4}});
  EXPECT_EQ(decoded->skipped_count, 2U);
}

TEST(GossipCodec, IgnoresFieldsThatALaterVersionAppends) {
  std::string longer = encode(nack{4}) + "more";
  longer[1] = static_cast<char>(longer[1] + 4);
  const auto decoded = decode(begin_packet(1) + longer, own_versions, datagram_payload_max);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->messages, std::vector<message>{nack{4}});
}

TEST(GossipCodec, RefusesVersionsOutsideItsRange) {
  const version_range two_to_three{2, 3, 3};
  for (const auto& [version, ok] : {std::pair{1, false}, {2, true}, {3, true}, {4, false}}) {
    const auto decoded = decode(begin_packet(static_cast<std::uint8_t>(version)), two_to_three,
                                datagram_payload_max);
    EXPECT_EQ(decoded.has_value(), ok) << version;
    EXPECT_EQ(ok ? error_code() : decoded.error(), ok ? error_code() : errc::wrong_version);
  }
}

TEST(GossipCodec, RefusesEveryTruncation) {
  for (const message& m : one_of_each()) {
    const std::string whole = begin_packet(1) + encode(m);
    for (std::size_t cut = 2; cut < whole.size(); ++cut) {
      EXPECT_FALSE(decode(whole.substr(0, cut), own_versions, link_payload_max).has_value());
    }
  }
}

TEST(GossipCodec, RefusesWhatIsOverABound) {
  const auto refused = [](const message& m) {
    return decode(begin_packet(1) + encode(m), own_versions, link_payload_max).error() ==
           errc::malformed;
  };
  member_record long_name = peer(1);
  long_name.name.assign(name_bytes_max + 1, 'n');
  EXPECT_TRUE(refused(alive{long_name}));
  member_record long_metadata = peer(1);
  long_metadata.metadata.assign(metadata_bytes_max + 1, 'm');
  EXPECT_TRUE(refused(alive{long_metadata}));
  member_record big_tag = peer(1);
  big_tag.tag.value = node_tag_max + 1;
  EXPECT_TRUE(refused(alive{big_tag}));
  member_record no_port = peer(1);
  no_port.at.port = 0;
  EXPECT_TRUE(refused(alive{no_port}));
  member_record nobody = peer(1);
  nobody.id = {};
  EXPECT_TRUE(refused(alive{nobody}));
  member_record disordered = peer(1);
  disordered.versions = {3, 2, 1};
  EXPECT_TRUE(refused(alive{disordered}));
  EXPECT_TRUE(refused(ping_request{1, {1, 1}, host(1), {2, 2}, relay_patience_max + 1ms}));
  EXPECT_TRUE(refused(sync_state{{1, 1}, false, {{status::dead, sync_age_max + 1s, peer(1)}}}));
}

TEST(GossipCodec, BelievesNoForgedCount) {
  std::string body(16, 'i');
  body += '\0';
  body += "\xff\xff\xff\xff\x0f";  // 4 billion entries follow, it says
  std::string payload = begin_packet(1) + "\x09" + static_cast<char>(body.size()) + body;
  EXPECT_EQ(decode(payload, own_versions, link_payload_max).error(), errc::malformed);
  std::string many = begin_packet(1);
  for (std::size_t i = 0; i <= datagram_messages_max; ++i) many += encode(nack{1});
  EXPECT_EQ(decode(many, own_versions, link_payload_max).error(), errc::too_large);
  EXPECT_EQ(decode(std::string(datagram_payload_max + 1, '\1'), own_versions, datagram_payload_max)
                .error(),
            errc::too_large);
}

TEST(GossipCodec, SurvivesRandomAndDamagedBytes) {
  seeded_random random(11);
  std::string whole = begin_packet(1);
  for (const message& m : one_of_each()) whole += encode(m);
  std::size_t readable = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = whole;
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
      damaged[random.below(damaged.size())] = static_cast<char>(random.next());
    }
    readable += decode(damaged, own_versions, link_payload_max).has_value() ? 1 : 0;
  }
  EXPECT_GT(readable, 0U);
  EXPECT_LT(readable, 20'000U);
}

}  // namespace
}  // namespace gossamer::membership
