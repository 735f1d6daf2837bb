#include "tests/unit/cluster/fixture.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace gossamer::cluster {
namespace {

std::string hex(std::string_view data) {
  std::string out;
  for (const char c : data) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

std::string unhex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  }
  return out;
}

/// What a node of that version can say.
message as_of(std::uint8_t version, message m) {
  if (version >= 2) return m;
  if (auto* plain = std::get_if<broadcast>(&m)) plain->from.clear();
  if (auto* asking = std::get_if<broadcast_ack>(&m)) asking->from.clear();
  return m;
}

std::vector<message> decoded_messages(std::string_view blob_bytes) {
  const auto b = decode(blob_bytes);
  EXPECT_TRUE(b.has_value()) << b.error().message();
  std::vector<message> all;
  for (const auto& m : b->messages) all.push_back(m.what);
  for (const auto& m : b->of_the_link) all.push_back(m);
  return all;
}

/// A record of another make: a type, a size, a body.
bytes raw_record(std::uint8_t type, std::string_view body) {
  std::string out(1, static_cast<char>(type));
  for (unsigned i = 0; i < 4; ++i) out += static_cast<char>(body.size() >> (8U * i));
  return bytes(out += body);
}

std::string body_of(const message& m, std::uint8_t version = version_max) {
  return std::string(record_of(m, version).view().substr(5));
}

std::string path_of(std::uint8_t version) {
  return std::string(GOLDEN_FOLDER) + "/version_" + std::to_string(version) + ".txt";
}

std::map<int, std::string> read_golden(std::uint8_t version) {
  std::map<int, std::string> lines;
  std::ifstream in(path_of(version));
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    int type = 0;
    std::string name;
    std::string text;
    words >> type >> name >> text;
    lines[type] = text;
  }
  return lines;
}

void write_golden(std::uint8_t version) {
  static const char* const names[] = {
      "broadcast",     "broadcast_ack",  "ack_expect",    "ack_answer",
      "ack_left",      "sockets_join",   "sockets_leave", "sockets_disconnect",
      "fetch_sockets", "sockets_found",  "server_emit",   "server_emit_ack",
      "server_answer", "count_sockets",  "socket_count",  "refused",
      "forward_open",  "forward_answer", "forward_data",  "forward_credit",
      "forward_close", "carried",        "credit",        "credit_query"};
  std::ofstream out(path_of(version));
  for (const message& m : one_of_each()) {
    out << int{type_of(m)} << ' ' << names[m.index()] << ' ' << hex(record_of(m, version).view())
        << '\n';
  }
}

TEST(ClusterCodec, ReadsBackEveryMessage) {
  const auto all = one_of_each();
  ASSERT_EQ(all.size(), std::variant_size_v<message>);
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i].index(), i);
  EXPECT_EQ(decoded_messages(blob_of(all).view()), all);
}

TEST(ClusterCodec, KeepsTheBytesOfBothVersions) {
  for (const std::uint8_t version : {version_min, version_max}) {
    if (std::getenv("GOLDEN_REWRITE") != nullptr) write_golden(version);
    const auto golden = read_golden(version);
    EXPECT_EQ(golden.size(), std::variant_size_v<message>);
    for (const message& m : one_of_each()) {
      const auto kept = golden.find(type_of(m));
      ASSERT_NE(kept, golden.end()) << int{type_of(m)};
      EXPECT_EQ(hex(record_of(m, version).view()), kept->second) << int{type_of(m)};
    }
  }
}

TEST(ClusterCodec, ReadsTheKeptBytesOfBothVersions) {
  for (const std::uint8_t version : {version_min, version_max}) {
    const auto golden = read_golden(version);
    for (const message& m : one_of_each()) {
      const bytes record(unhex(golden.at(type_of(m))));
      const auto read = decoded_messages(make_blob({version, 1, 0}, {&record, 1}).view());
      EXPECT_EQ(read, std::vector{as_of(version, m)});
    }
  }
}

TEST(ClusterCodec, IgnoresFieldsThatALaterVersionAppends) {
  for (const message& m : one_of_each()) {
    const auto record = raw_record(type_of(m), body_of(m) + "later");
    EXPECT_EQ(decoded_messages(make_blob({version_max, 1, 0}, {&record, 1}).view()),
              std::vector{m});
  }
}

TEST(ClusterCodec, SkipsUnknownTypesAndCountsThemInTheOrder) {
  const std::vector records{record_of(ack_expect{request_id{1}, 1}), raw_record(200, "news"),
                            raw_record(255, ""), record_of(ack_expect{request_id{2}, 2})};
  const auto b = decode(make_blob({version_max, 7, 100}, records).view());
  ASSERT_TRUE(b.has_value());
  EXPECT_EQ(b->head, (blob_head{version_max, 7, 100}));
  EXPECT_EQ(b->skipped_count, 2U);
  EXPECT_EQ(b->count, 3U);  // 255 is of the link, which has no number
  ASSERT_EQ(b->messages.size(), 2U);
  EXPECT_EQ(b->messages[0].sequence, 100U);
  EXPECT_EQ(b->messages[1].sequence, 102U);
}

TEST(ClusterCodec, RefusesOtherVersions) {
  for (const int version : {0, version_max + 1, 255}) {
    std::string blob_bytes(blob_of({ack_expect{}}).view());
    blob_bytes[0] = static_cast<char>(version);
    EXPECT_EQ(decode(blob_bytes).error(), errc::wrong_version);
    EXPECT_EQ(encode(ack_expect{}, static_cast<std::uint8_t>(version)).error(),
              errc::wrong_version);
  }
}

TEST(ClusterCodec, RefusesEveryTruncation) {
  for (const message& m : one_of_each()) {
    const bytes whole = blob_of({m});
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      EXPECT_FALSE(decode(whole.view().substr(0, cut)).has_value()) << type_of(m) << ' ' << cut;
    }
    // And a body that is cut while its record says so.
    const std::string body = body_of(m);
    for (std::size_t cut = 0; cut < body.size(); ++cut) {
      const auto record = raw_record(type_of(m), std::string_view(body).substr(0, cut));
      EXPECT_EQ(decode(make_blob({version_max, 1, 0}, {&record, 1}).view()).error(),
                errc::malformed);
    }
  }
}

TEST(ClusterCodec, RefusesWhatIsBehindTheLastRecord) {
  EXPECT_EQ(decode(std::string(blob_of({ack_expect{}}).view()) + "x").error(), errc::malformed);
}

TEST(ClusterCodec, BelievesNoForgedCount) {
  // sockets_found: request 8, part 4, last 1, then the count.
  std::string body = body_of(sockets_found{request_id{1}, 0, true, {}});
  for (std::size_t i = body.size() - 4; i < body.size(); ++i) body[i] = '\xff';
  auto record = raw_record(10, body);
  EXPECT_EQ(decode(make_blob({version_max, 1, 0}, {&record, 1}).view()).error(), errc::malformed);
  body[body.size() - 4] = '\x00';
  body[body.size() - 3] = '\x40';
  body[body.size() - 2] = body[body.size() - 1] = '\x00';  // 16,384 sockets in no bytes
  record = raw_record(10, body);
  EXPECT_EQ(decode(make_blob({version_max, 1, 0}, {&record, 1}).view()).error(), errc::malformed);
}

TEST(ClusterCodec, RefusesForgedSizesOfRecordsAndBlobs) {
  std::string blob_bytes(blob_of({ack_expect{}}).view());
  for (const std::size_t at : {std::size_t{18}, blob_head_bytes + 1}) {
    std::string forged = blob_bytes;
    for (std::size_t i = at; i < at + 4; ++i) forged[i] = '\xff';
    EXPECT_EQ(decode(forged).error(), errc::too_large);
  }
  EXPECT_EQ(decode(std::string(bounds::blob_bytes_max + 1, '\x02')).error(), errc::too_large);
}

TEST(ClusterCodec, RefusesASequenceThatWouldOverflow) {
  EXPECT_EQ(decode(blob_of({ack_expect{}}, {version_max, 1, ~0ULL}).view()).error(),
            errc::malformed);
}

TEST(ClusterCodec, RefusesFlagsAndIdsOfNoMeaning) {
  std::string body = body_of(ack_left{request_id{1}, socket_named(1)});
  body.back() = '!';
  auto record = raw_record(5, body);
  EXPECT_EQ(decode(make_blob({version_max, 1, 0}, {&record, 1}).view()).error(), errc::malformed);
  body = body_of(sockets_disconnect{"/", {}, true});
  body.back() = '\x02';
  record = raw_record(8, body);
  EXPECT_EQ(decode(make_blob({version_max, 1, 0}, {&record, 1}).view()).error(), errc::malformed);
}

TEST(ClusterCodec, EncodesNothingOverABound) {
  const auto failed = [](const message& m) { return encode(m, version_max).error(); };
  const bytes large(std::string(bounds::message_bytes_max, 'x'));
  EXPECT_EQ(failed(carried{layer::actors, large}), errc::too_large);
  EXPECT_EQ(failed(carried{layer::actors, bytes(std::string(bounds::message_bytes_max + 1, 'x'))}),
            errc::malformed);
  EXPECT_EQ(failed(fetch_sockets{request_id{1}, std::string(bounds::name_bytes_max + 1, 'n'), {}}),
            errc::malformed);
  EXPECT_EQ(failed(sockets_join{"/", {}, {std::string(bounds::room_bytes_max + 1, 'r')}}),
            errc::malformed);
  EXPECT_EQ(failed(ack_left{}), errc::malformed);  // no socket
}

TEST(ClusterCodec, RefusesGarbageWithoutThrowing) {
  seeded_random random(1);
  for (int i = 0; i < 5'000; ++i) {
    std::string noise(blob_of({one_of_each()[random.below(24)]}).view());
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
      noise[random.below(noise.size())] = static_cast<char>(random.next());
    }
    (void)decode(noise);
  }
}

}  // namespace
}  // namespace gossamer::cluster
