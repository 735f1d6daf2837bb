// Requests from bytes: what is accepted, what is refused and why, however the bytes are cut.
#include "gateway/http/request_reader.hpp"

#include "runtime/base/random.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gossamer::http {
namespace {

using progress = request_reader::progress;

struct outcome {
  std::optional<refusal> why;
  std::vector<request> requests;
  friend bool operator==(const outcome& a, const outcome& b) {
    if (a.why != b.why || a.requests.size() != b.requests.size()) return false;
    for (std::size_t i = 0; i < a.requests.size(); ++i) {
      const auto& x = a.requests[i];
      const auto& y = b.requests[i];
      if (x.target != y.target || x.body != y.body || x.headers.text() != y.headers.text()) {
        return false;
      }
    }
    return true;
  }
};

constexpr std::size_t body_max = 64;

// Feeds the pieces one after the other, as the protocol does.
outcome read(const std::vector<std::string>& pieces, std::size_t head_max = 4096,
             std::size_t fields_max = 10) {
  outcome got;
  auto reader = std::make_unique<request_reader>(head_max, fields_max);
  for (const auto& piece : pieces) {
    std::string_view rest = piece;
    while (!rest.empty()) {
      auto what = reader->read(rest);
      if (what == progress::head) what = reader->accept_body(body_max);
      if (what == progress::refused) {
        got.why = reader->why();
        return got;
      }
      if (what == progress::complete) {
        got.requests.push_back(std::move(*reader->take()));
        reader = std::make_unique<request_reader>(head_max, fields_max);
      }
    }
  }
  return got;
}

outcome read_one(const std::string& text) {
  return read({text});
}

const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n";

TEST(RequestReader, ReadsHeadAndBody) {
  const auto got = read_one(
      "POST http://h:1/a/b?c=d HTTP/1.1\r\nHost: h:1\r\nContent-Length: 4\r\nA:b \t\r\n\r\nbody");
  ASSERT_EQ(got.requests.size(), 1U);
  const auto& r = got.requests[0];
  EXPECT_EQ(r.method, method::post);
  EXPECT_EQ(r.path(), "/a/b");
  EXPECT_EQ(r.query(), "c=d");
  EXPECT_EQ(r.header("a"), "b");
  EXPECT_EQ(r.body, "body");
  EXPECT_TRUE(r.keep_alive);
}

TEST(RequestReader, SkipsEmptyLinesBeforeARequest) {
  EXPECT_EQ(read_one("\r\n\r\n" + get + "\r\n\r\n" + get + "\r\n").requests.size(), 2U);
}

TEST(RequestReader, KnowsAWebsocketUpgrade) {
  const auto got = read_one(get + "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n");
  ASSERT_EQ(got.requests.size(), 1U);
  EXPECT_TRUE(got.requests[0].is_websocket_upgrade());
  EXPECT_FALSE(read_one(get + "Upgrade: websocket\r\n\r\n").requests[0].is_upgrade());
  EXPECT_FALSE(read_one("GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
                   .requests[0]
                   .is_upgrade());
}

struct refused_case {
  const char* name;
  std::string text;
  refusal why;
};

class Refused : public ::testing::TestWithParam<refused_case> {};

TEST_P(Refused, ForTheReasonGiven) {
  const auto whole = read_one(GetParam().text);
  EXPECT_EQ(whole.why, GetParam().why) << GetParam().name;
  std::vector<std::string> bytes;
  for (const char c : GetParam().text) bytes.emplace_back(1, c);
  EXPECT_EQ(read(bytes).why, GetParam().why) << GetParam().name << " byte by byte";
}

INSTANTIATE_TEST_SUITE_P(
    RequestReader, Refused,
    ::testing::Values(
        refused_case{"garbage", "\x16\x03\x01\x02", refusal::malformed},
        refused_case{"no version", "GET /\r\n", refusal::malformed},
        refused_case{"other protocol", "GET / FTP/1.1\r\n", refusal::malformed},
        refused_case{"leading space", " GET / HTTP/1.1\r\n", refusal::malformed},
        refused_case{"bare line feed", "GET / HTTP/1.1\nHost: x\n\n", refusal::malformed},
        refused_case{"bare carriage return", get + "A: b\rc\r\n\r\n", refusal::malformed},
        refused_case{"nul in a value", get + std::string("A: b\0c\r\n\r\n", 10),
                     refusal::malformed},
        refused_case{"folded field", get + "A: b\r\n c\r\n\r\n", refusal::malformed},
        refused_case{"space before the colon", get + "A : b\r\n\r\n", refusal::malformed},
        refused_case{"field without colon", get + "Abc\r\n\r\n", refusal::malformed},
        refused_case{"field without name", get + ": b\r\n\r\n", refusal::malformed},
        refused_case{"two spaces", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", refusal::malformed},
        refused_case{"two spaces before the version", "GET /  HTTP/1.1\r\nHost: x\r\n\r\n",
                     refusal::malformed},
        refused_case{"version 2", "PRI * HTTP/2.0\r\n\r\n", refusal::bad_version},
        refused_case{"version 1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", refusal::bad_version},
        refused_case{"no host", "GET / HTTP/1.1\r\n\r\n", refusal::bad_host},
        refused_case{"two hosts", get + "host: x\r\n\r\n", refusal::bad_host},
        refused_case{"length and chunks",
                     get + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                     refusal::bad_framing},
        refused_case{"chunks and length",
                     get + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
                     refusal::bad_framing},
        refused_case{"two lengths", get + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n",
                     refusal::bad_framing},
        refused_case{"equal lengths", get + "Content-Length: 3\r\nContent-Length: 3\r\n\r\n",
                     refusal::bad_framing},
        refused_case{"list of lengths", get + "Content-Length: 3, 3\r\n\r\n", refusal::bad_framing},
        refused_case{"signed length", get + "Content-Length: +3\r\n\r\n", refusal::bad_framing},
        refused_case{"hexadecimal length", get + "Content-Length: 0x3\r\n\r\n",
                     refusal::bad_framing},
        refused_case{"empty length", get + "Content-Length:\r\n\r\n", refusal::bad_framing},
        refused_case{"huge length", get + "Content-Length: 99999999999999999999\r\n\r\n",
                     refusal::bad_framing},
        refused_case{"identity coding", get + "Transfer-Encoding: identity\r\n\r\n",
                     refusal::transfer_coding},
        refused_case{"gzip, chunked", get + "Transfer-Encoding: gzip, chunked\r\n\r\n",
                     refusal::transfer_coding},
        refused_case{"chunked, identity", get + "Transfer-Encoding: chunked, identity\r\n\r\n",
                     refusal::transfer_coding},
        refused_case{"xchunked", get + "Transfer-Encoding: xchunked\r\n\r\n",
                     refusal::transfer_coding},
        refused_case{"chunks in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                     refusal::bad_framing},
        refused_case{"expectation", get + "Expect: magic\r\n\r\n", refusal::bad_expectation},
        refused_case{"long body", get + "Content-Length: 65\r\n\r\n", refusal::body_too_large},
        refused_case{"long chunk", get + "Transfer-Encoding: chunked\r\n\r\n41\r\n",
                     refusal::body_too_large},
        refused_case{"endless chunk",
                     get + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
                     refusal::body_too_large},
        refused_case{"chunk size", get + "Transfer-Encoding: chunked\r\n\r\nz\r\n",
                     refusal::bad_chunk},
        refused_case{"empty chunk size", get + "Transfer-Encoding: chunked\r\n\r\n\r\n",
                     refusal::bad_chunk},
        refused_case{"0x chunk size", get + "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n",
                     refusal::bad_chunk},
        refused_case{"space in chunk size", get + "Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n",
                     refusal::bad_chunk},
        refused_case{"chunk without end", get + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
                     refusal::bad_chunk},
        refused_case{"chunk with bare line feed",
                     get + "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n", refusal::bad_chunk},
        refused_case{
            "many fields",
            get + "a:1\r\nb:1\r\nc:1\r\nd:1\r\ne:1\r\nf:1\r\ng:1\r\nh:1\r\ni:1\r\nj:1\r\n\r\n",
            refusal::too_many_fields},
        refused_case{"large head", get + "A: " + std::string(5000, 'a') + "\r\n\r\n",
                     refusal::head_too_large},
        refused_case{"endless request line", "GET /" + std::string(5000, 'a'),
                     refusal::head_too_large}));

TEST(RequestReader, AcceptsAHeadOfExactlyTheLimit) {
  const std::string start = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
  const std::string head = start + std::string(100 - start.size() - 4, 'a') + "\r\n\r\n";
  EXPECT_EQ(read({head}, 100).requests.size(), 1U);
  EXPECT_EQ(read({head}, 99).why, refusal::head_too_large);
}

TEST(RequestReader, GivesTheSameWhereverTheBytesAreCut) {
  seeded_random random(7);
  const std::string all =
      "POST /1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n"
      "06\r\n world\r\n000\r\nTrailer: 1\r\n\r\n" +
      get + "\r\n" + "PUT /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab\r\nc" + get +
      "\r\n";
  const auto whole = read_one(all);
  ASSERT_EQ(whole.requests.size(), 4U);
  EXPECT_EQ(whole.requests[0].body, "hello world");
  EXPECT_EQ(whole.requests[2].body, "ab\r\nc");
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < all.size();) {
      const auto size = static_cast<std::size_t>(1 + random.below(round % 2 == 0 ? 4 : 90));
      pieces.push_back(all.substr(at, size));
      at += size;
    }
    ASSERT_EQ(read(pieces), whole);
  }
}

TEST(RequestReader, SurvivesRandomChangesOfARequest) {
  seeded_random random(11);
  const std::string base =
      get + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  std::size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = base;
    for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
      text[static_cast<std::size_t>(random.below(text.size()))] =
          static_cast<char>(random.below(256));
    }
    const auto got = read_one(text);
    if (got.why) ++refused;
    for (const auto& each : got.requests) ASSERT_LE(each.body.size(), body_max);
  }
  EXPECT_GT(refused, 10'000U);
}

}  // namespace
}  // namespace gossamer::http
