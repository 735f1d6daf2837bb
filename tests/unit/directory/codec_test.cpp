// The bytes of docs/wire/directory.md.
#include "runtime/directory/codec.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace gossamer::directory {
namespace {

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

update some_update() {
  update m{0x0102030405060708, 0x0a0b0c0d, 300, true, false, {}};
  m.ops.push_back({0x1122334455667788, 0, op_kind::room_on});
  m.ops.push_back({2, 0, op_kind::room_off});
  m.ops.push_back({3, 200, op_kind::count});
  return m;
}

std::vector<message> samples() {
  want full{1, 2, 3, true, bucket_digests::numbers{}};
  for (std::size_t i = 0; i < digest_count; ++i) (*full.digests)[i] = mixed(i);
  part p{1, 2, 3, 4, true, {}};
  p.sections.push_back({255, true, {{0xff00000000000001, 0, op_kind::room_on}}});
  p.sections.push_back({7, false, {}});
  p.sections.push_back({extras_bucket, true, {{5, 9, op_kind::count}, {6, 0, op_kind::watch_on}}});
  return {some_update(),
          update{1, 0, 1, false, true, {}},
          p,
          part{},
          digest{1, 2, 3},
          full,
          want{9, 8, 7, false, {}},
          ack{1, 2, 3, 4}};
}

TEST(DirectoryCodec, ReadsWhatItWrites) {
  for (const message& m : samples()) {
    const auto read = decode(encode(m));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, m);
  }
}

TEST(DirectoryCodec, WritesTheseBytes) {
  EXPECT_EQ(hex(encode(some_update())),
            "0101"
            "0102030405060708"
            "0a0b0c0d"
            "ac02"
            "01"
            "03"
            "011122334455667788"
            "020000000000000002"
            "030000000000000003c801");
  EXPECT_EQ(hex(encode(samples()[2])),
            "0102"
            "0000000000000001"
            "00000002"
            "03"
            "04"
            "01"
            "03"
            "ff01"
            "01"
            "01"
            "00000000000001"
            "07"
            "00"
            "00"
            "8002"
            "01"
            "02"
            "03000000000000000509"
            "040000000000000006");
  EXPECT_EQ(hex(encode(digest{1, 2, 3})),
            "0103"
            "0000000000000001"
            "02"
            "0000000000000003");
  EXPECT_EQ(hex(encode(want{9, 8, 7, true, {}})),
            "0104"
            "0000000000000009"
            "00000008"
            "07"
            "01");
  EXPECT_EQ(hex(encode(ack{1, 2, 3, 4})),
            "0105"
            "0000000000000001"
            "02"
            "00000003"
            "04");
}

TEST(DirectoryCodec, RefusesEveryCutMessage) {
  for (const message& m : samples()) {
    const std::string whole = encode(m);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto read = decode(std::string_view(whole).substr(0, size));
      ASSERT_FALSE(read.has_value()) << size;
      const bool expected = read.error() == errc::malformed || read.error() == errc::too_large;
      EXPECT_TRUE(expected) << read.error();
    }
  }
}

TEST(DirectoryCodec, IgnoresFieldsOfLaterVersions) {
  for (const message& m : samples()) {
    const auto read = decode(encode(m) + "later");
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, m);
  }
}

TEST(DirectoryCodec, TellsUnknownTypesAndVersionsApart) {
  std::string frame = encode(ack{1, 2, 3, 4});
  frame[1] = 6;
  EXPECT_EQ(decode(frame).error(), errc::unknown_type);
  frame[0] = 2;
  EXPECT_EQ(decode(frame).error(), errc::wrong_version);
  frame[0] = 0;
  EXPECT_EQ(decode(frame).error(), errc::wrong_version);
  EXPECT_EQ(decode("").error(), errc::malformed);
  EXPECT_EQ(decode(std::string(frame_bytes_max + 1, '\1')).error(), errc::too_large);
}

TEST(DirectoryCodec, RefusesCountsThatTheBytesCannotHold) {
  std::string frame = encode(update{1, 0, 1, false, false, {}});
  frame.back() = '\x7f';  // 127 changes, and no bytes
  EXPECT_EQ(decode(frame).error(), errc::malformed);
}

TEST(DirectoryCodec, RefusesWhatNoDirectoryWrites) {
  const auto refused = [](const message& m) { return decode(encode(m)).error(); };
  EXPECT_EQ(refused(update{1, 0, 0, false, false, {}}), errc::malformed);
  EXPECT_EQ(refused(update{1, 0, 1, false, false, {{0, 0, op_kind::room_on}}}), errc::malformed);
  EXPECT_EQ(refused(update{1, 0, 1, false, false, {{1, 0, op_kind{6}}}}), errc::malformed);
  EXPECT_EQ(refused(part{1, 2, 0, 0, true, {{257, true, {}}}}), errc::malformed);
  const op in_extras{1, 0, op_kind::room_on};
  EXPECT_EQ(refused(part{1, 2, 0, 0, true, {{extras_bucket, true, {in_extras}}}}), errc::malformed);
  const std::uint64_t far = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(refused(digest{1, far, 3}), errc::malformed);
}

TEST(DirectoryCodec, KeepsAFullUpdateInOneFrame) {
  update m{1, 2, 3, false, false, {}};
  for (std::size_t i = 0; i < update_ops_max; ++i)
    m.ops.push_back({i + 1, 0xffffffff, op_kind::count});
  EXPECT_LE(encode(m).size(), frame_bytes_max);
  EXPECT_TRUE(decode(encode(m)).has_value());
}

}  // namespace
}  // namespace gossamer::directory
