#include "runtime/base/shared_frame.hpp"

#include "runtime/base/bytes.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace gossamer
