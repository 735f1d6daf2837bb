#include "gateway/http/static_files.hpp"

#include "gateway/http/errc.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <zlib.h>

namespace gossamer::http {
namespace {

request get(std::string target, std::string_view name = {}, std::string_view value = {}) {
  request r;
  r.target = std::move(target);
  if (!name.empty()) r.headers.add(name, value);
  return r;
}

std::string inflated(std::string_view data, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(::inflateInit2(&stream, window_bits), Z_OK);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  ::inflateEnd(&stream);
  return out;
}

TEST(ChooseCoding, TakesTheHighestWeightThenTheBest) {
  const codings all = set_of(coding::gzip) | set_of(coding::deflate) | set_of(coding::br);
  EXPECT_EQ(choose_coding(std::nullopt, all), coding::identity);
  EXPECT_EQ(choose_coding("", all), coding::identity);
  EXPECT_EQ(choose_coding("gzip, deflate, br", all), coding::br);
  EXPECT_EQ(choose_coding("gzip, deflate, br", set_of(coding::gzip)), coding::gzip);
  EXPECT_EQ(choose_coding("br;q=0.1, GZIP;q=0.5", all), coding::gzip);
  EXPECT_EQ(choose_coding("br;q=0, *", all), coding::gzip);
  EXPECT_EQ(choose_coding("gzip;q=0", all), coding::identity);
  EXPECT_EQ(choose_coding("gzip;q=x", all), coding::identity);
  EXPECT_EQ(choose_coding("identity, gzip;q=0.9", all), coding::identity);
  EXPECT_EQ(choose_coding("zstd", all), coding::identity);
}

class StaticFiles : public ::testing::Test {
 protected:
  StaticFiles() {
    EXPECT_TRUE(files.add({"/app.js", content, "", "4.8.1"}));
    EXPECT_TRUE(files.add({"/small.js", "1", "", ""}));
    EXPECT_TRUE(files.add({"/x y.png", content, "", ""}));
  }
  const std::string content = std::string(20'000, 'a') + "end";
  static_files files;
};

TEST_F(StaticFiles, ServesWithTagAndType) {
  const auto got = files.answer(get("/app.js?v=1"));
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.shared.payload(), content);
  EXPECT_EQ(got.headers.text(),
            "Cache-Control: public, max-age=0\r\nETag: \"4.8.1\"\r\nVary: Accept-Encoding\r\n"
            "Content-Type: application/javascript; charset=utf-8\r\n");
}

TEST_F(StaticFiles, CompressesTextOnceAndSharesIt) {
  const auto zipped = files.answer(get("/app.js", "Accept-Encoding", "gzip"));
  EXPECT_EQ(zipped.headers.find("Content-Encoding"), "gzip");
  EXPECT_EQ(inflated(zipped.shared.payload(), 15 + 16), content);
  EXPECT_EQ(zipped.shared, files.answer(get("/app.js", "Accept-Encoding", "gzip")).shared);
  const auto deflated = files.answer(get("/app.js", "Accept-Encoding", "deflate"));
  EXPECT_EQ(inflated(deflated.shared.payload(), 15), content);
  const auto brotli = files.answer(get("/app.js", "Accept-Encoding", "gzip, br"));
  EXPECT_EQ(brotli.headers.find("Content-Encoding"), "br");
  EXPECT_LT(brotli.body_bytes(), content.size());
}

TEST_F(StaticFiles, LeavesSmallFilesAndImagesAlone) {
  EXPECT_FALSE(
      files.answer(get("/small.js", "Accept-Encoding", "gzip")).headers.has("Content-Encoding"));
  EXPECT_FALSE(
      files.answer(get("/x%20y.png", "Accept-Encoding", "gzip")).headers.has("Content-Encoding"));
  EXPECT_EQ(files.answer(get("/x%20y.png")).headers.find("Content-Type"), "image/png");
}

TEST_F(StaticFiles, Answers304ForAKnownTag) {
  for (const auto* known : {"\"4.8.1\"", "W/\"4.8.1\"", "\"a\", \"4.8.1\"", "*"}) {
    const auto got = files.answer(get("/app.js", "If-None-Match", known));
    EXPECT_EQ(got.status, 304U) << known;
    EXPECT_EQ(got.body_bytes(), 0U);
  }
  EXPECT_EQ(files.answer(get("/app.js", "If-None-Match", "\"4.8\"")).status, 200U);
}

TEST_F(StaticFiles, RefusesOtherMethodsAndPaths) {
  auto posted = get("/app.js");
  posted.method = method::post;
  EXPECT_EQ(files.answer(posted).status, 405U);
  for (const auto* bad : {"/", "/app.js/", "/../app.js", "/%2e%2e/app.js", "/app.js%00", "/%zz"}) {
    EXPECT_EQ(files.answer(get(bad)).status, 404U) << bad;
  }
}

TEST(StaticDirectory, IsReadOnceWithoutHiddenFilesAndLinks) {
  namespace fs = std::filesystem;
  const fs::path root = fs::path(::testing::TempDir()) / ("static_" + std::to_string(::getpid()));
  fs::create_directories(root / "sub" / ".git");
  std::ofstream(root / "index.html") << "home";
  std::ofstream(root / "sub" / "a.css") << "css";
  std::ofstream(root / "sub" / ".git" / "secret") << "no";
  std::ofstream(root / ".env") << "no";
  fs::create_symlink("/etc/passwd", root / "link.txt");
  static_files files;
  const auto added = files.add_directory(root.string(), "/");
  fs::remove_all(root);
  ASSERT_TRUE(added);
  EXPECT_EQ(*added, 2U);
  EXPECT_EQ(files.answer(get("/")).shared.payload(), "home");
  EXPECT_EQ(files.answer(get("/index.html")).shared.payload(), "home");
  EXPECT_EQ(files.answer(get("/sub/a.css")).headers.find("Content-Type"),
            "text/css; charset=utf-8");
  for (const auto* absent : {"/.env", "/sub/.git/secret", "/link.txt"}) {
    EXPECT_EQ(files.answer(get(absent)).status, 404U) << absent;
  }
  EXPECT_EQ(files.add_directory(root.string(), "/").error(), errc::not_a_directory);
}

}  // namespace
}  // namespace gossamer::http
