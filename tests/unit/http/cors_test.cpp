// The decisions of the `cors` package for Node, row by row.
#include "gateway/http/cors.hpp"

#include <gtest/gtest.h>

namespace gossamer::http {
namespace {

header_fields from(std::string_view origin, std::string_view asked_headers = {}) {
  header_fields f;
  if (!origin.empty()) f.add("Origin", origin);
  if (!asked_headers.empty()) f.add("Access-Control-Request-Headers", asked_headers);
  return f;
}

std::string decided(const cors_options& options, method verb, const header_fields& request) {
  return std::string(cors(options).decide(verb, request).headers.text());
}

cors_options with(origin_policy policy) {
  cors_options made;
  made.origin = std::move(policy);
  return made;
}

TEST(Cors, AnyOriginIsAStarWithoutVary) {
  EXPECT_EQ(decided({}, method::get, from("http://a")), "Access-Control-Allow-Origin: *\r\n");
  EXPECT_EQ(decided(with(origin_policy::fixed("*")), method::get, {}),
            "Access-Control-Allow-Origin: *\r\n");
}

TEST(Cors, AFixedOriginIsToldToEverybody) {
  const auto options = with(origin_policy::fixed("http://a"));
  const std::string told = "Access-Control-Allow-Origin: http://a\r\nVary: Origin\r\n";
  EXPECT_EQ(decided(options, method::get, from("http://a")), told);
  EXPECT_EQ(decided(options, method::get, from("http://b")), told);
  EXPECT_EQ(decided(options, method::get, {}), told);
}

TEST(Cors, AListTellsTheOriginThatMatches) {
  const auto options = with(origin_policy::list(
      {origin_policy::fixed("http://a"), origin_policy::pattern(R"(^https://.*\.example\.org$)")}));
  EXPECT_EQ(decided(options, method::get, from("http://a")),
            "Access-Control-Allow-Origin: http://a\r\nVary: Origin\r\n");
  EXPECT_EQ(decided(options, method::get, from("https://x.example.org")),
            "Access-Control-Allow-Origin: https://x.example.org\r\nVary: Origin\r\n");
  EXPECT_EQ(decided(options, method::get, from("https://x.example.org.evil")), "Vary: Origin\r\n");
  EXPECT_EQ(decided(options, method::get, {}), "Vary: Origin\r\n");
}

TEST(Cors, AStarInAListMatchesNobody) {
  const auto options = with(origin_policy::list(std::vector<std::string>{"*", "http://a"}));
  EXPECT_EQ(decided(options, method::get, from("http://b")), "Vary: Origin\r\n");
}

TEST(Cors, ReflectTellsEveryOriginByName) {
  EXPECT_EQ(decided(with(origin_policy::reflect()), method::get, from("http://b")),
            "Access-Control-Allow-Origin: http://b\r\nVary: Origin\r\n");
}

TEST(Cors, APredicateChoosesThePolicyOrNone) {
  const auto options =
      with(origin_policy::decided_by([](std::string_view origin) -> std::optional<origin_policy> {
        if (origin == "http://a") return origin_policy::reflect();
        return std::nullopt;
      }));
  EXPECT_EQ(decided(options, method::get, from("http://a")),
            "Access-Control-Allow-Origin: http://a\r\nVary: Origin\r\n");
  const auto refused = cors(options).decide(method::options, from("http://b"));
  EXPECT_TRUE(refused.headers.empty());
  EXPECT_FALSE(refused.preflight);
}

TEST(Cors, APreflightReflectsTheHeadersAskedFor) {
  EXPECT_EQ(decided({}, method::options, from("http://a", "x-one,x-two")),
            "Access-Control-Allow-Origin: *\r\n"
            "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n"
            "Vary: Access-Control-Request-Headers\r\n"
            "Access-Control-Allow-Headers: x-one,x-two\r\n");
}

TEST(Cors, APreflightHasAllThatIsConfigured) {
  cors_options options = with(origin_policy::fixed("http://allowed.example"));
  options.credentials = true;
  options.methods = "GET,POST";
  options.allowed_headers = "x-custom,content-type";
  options.exposed_headers = "x-id";
  options.max_age = 600;
  const cors rules(options);
  const auto made = rules.decide(method::options, from("http://allowed.example", "x-other"));
  EXPECT_TRUE(made.preflight);
  const auto answer = rules.preflight_response(made);
  EXPECT_EQ(answer.status, 204U);
  EXPECT_EQ(answer.headers.text(),
            "Access-Control-Allow-Origin: http://allowed.example\r\nVary: Origin\r\n"
            "Access-Control-Allow-Credentials: true\r\nAccess-Control-Allow-Methods: GET,POST\r\n"
            "Access-Control-Allow-Headers: x-custom,content-type\r\nAccess-Control-Max-Age: 600\r\n"
            "Access-Control-Expose-Headers: x-id\r\nContent-Length: 0\r\n");
}

TEST(Cors, AnActualAnswerHasNoPreflightFields) {
  cors_options options = with(origin_policy::reflect());
  options.credentials = true;
  options.max_age = 1;
  options.exposed_headers = "x-id";
  EXPECT_EQ(decided(options, method::post, from("http://a", "x")),
            "Access-Control-Allow-Origin: http://a\r\nVary: Origin\r\n"
            "Access-Control-Allow-Credentials: true\r\nAccess-Control-Expose-Headers: x-id\r\n");
}

TEST(Cors, AnEndlessOriginMatchesNoPattern) {
  EXPECT_EQ(
      decided(with(origin_policy::pattern("(a*)*b")), method::get, from(std::string(60'000, 'a'))),
      "Vary: Origin\r\n");
}

TEST(Cors, IsMergedIntoAnAnswer) {
  header_fields answer;
  answer.add("Vary", "Accept-Encoding");
  apply(cors(with(origin_policy::reflect())).decide(method::get, from("http://a")).headers, answer);
  EXPECT_EQ(answer.find("Vary"), "Accept-Encoding, Origin");
  EXPECT_EQ(answer.find("Access-Control-Allow-Origin"), "http://a");
}

}  // namespace
}  // namespace gossamer::http
