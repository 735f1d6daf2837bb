#include "runtime/base/shared_frame.hpp"

#include "runtime/base/bytes.hpp"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>

namespace gossamer {
namespace {

std::string header_of(const shared_frame& frame) {
  return std::string(frame.wire().substr(0, frame.wire().size() - frame.payload().size()));
}

TEST(SharedFrame, JoinsItsPartsBehindTheFrameHeader) {
  const auto frame = shared_frame::make(frame_kind::text, {"4", "2", "[\"a\"]"});
  EXPECT_EQ(frame.payload(), "42[\"a\"]");
  EXPECT_EQ(frame.wire(),
            "\x81\x07"
            "42[\"a\"]");
}

TEST(SharedFrame, UsesTheShortestLengthForm) {
  const auto header = [](std::size_t size) {
    return header_of(shared_frame::make(frame_kind::binary, {std::string(size, 'x')}));
  };
  EXPECT_EQ(header(0), std::string("\x82\x00", 2));
  EXPECT_EQ(header(125), "\x82\x7d");
  EXPECT_EQ(header(126), std::string("\x82\x7e\x00\x7e", 4));
  EXPECT_EQ(header(65535), "\x82\x7e\xff\xff");
  EXPECT_EQ(header(65536), std::string("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10));
}

TEST(SharedFrame, RawHasNoHeader) {
  const auto frame = shared_frame::make(frame_kind::raw, {"HTTP/1.1 200 OK\r\n"});
  EXPECT_EQ(frame.wire(), frame.payload());
}

TEST(SharedFrame, CopiesShareTheBytes) {
  const auto frame = shared_frame::make(frame_kind::text, {"4hello"});
  const shared_frame copy = frame;
  EXPECT_EQ(copy.wire().data(), frame.wire().data());
  EXPECT_EQ(copy, frame);
}

TEST(Bytes, CompareByContentAndShareOnCopy) {
  const bytes a("abc");
  const bytes b = a;
  EXPECT_EQ(a.data(), b.data());
  EXPECT_EQ(bytes("abc"), a);
  EXPECT_NE(bytes("abd"), a);
  EXPECT_TRUE(bytes("").empty());
}

TEST(SharedFrame, MakesItsSmallerFormOnce) {
  const auto plain = shared_frame::make(frame_kind::text, {"2aaaaaaaa"});
  int calls = 0;
  const auto small = shared_frame::make(frame_kind::raw, {"small"});
  const auto make = [&](const shared_frame& of) {
    ++calls;
    EXPECT_TRUE(of == plain);
    return small;
  };
  EXPECT_TRUE(plain.smaller(make) == small);
  EXPECT_TRUE(shared_frame(plain).smaller(make) == small);
  EXPECT_EQ(calls, 1);
}

TEST(SharedFrame, StandsForItselfIfThereIsNoSmallerForm) {
  const auto plain = shared_frame::make(frame_kind::text, {"2a"});
  int calls = 0;
  const auto none = [&](const shared_frame&) {
    ++calls;
    return shared_frame();
  };
  EXPECT_TRUE(plain.smaller(none) == plain);
  EXPECT_TRUE(plain.smaller(none) == plain);
  EXPECT_EQ(calls, 1);
}

TEST(SharedFrame, AsksForNoSmallerFormIfItIsPlainOnly) {
  const auto plain = shared_frame::make(frame_kind::text, {"2a"});
  EXPECT_FALSE(plain.plain_only());
  plain.set_plain_only();
  EXPECT_TRUE(plain.plain_only());
  const auto never = [](const shared_frame&) -> shared_frame { throw std::logic_error("asked"); };
  EXPECT_TRUE(plain.smaller(never) == plain);
}

TEST(SharedFrame, TriesAgainAfterAFailure) {
  const auto plain = shared_frame::make(frame_kind::text, {"2a"});
  const auto fails = [](const shared_frame&) -> shared_frame { throw std::bad_alloc(); };
  EXPECT_THROW((void)plain.smaller(fails), std::bad_alloc);
  const auto small = shared_frame::make(frame_kind::raw, {"s"});
  EXPECT_TRUE(plain.smaller([&](const shared_frame&) { return small; }) == small);
}

}  // namespace
}  // namespace gossamer
