#include "actors/socketio/connect_query.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace gossamer::socketio {
namespace {

// The namespace and the query of it.
std::pair<std::string, std::string> cut(std::string_view nsp) {
  const std::string query(take_query(nsp));
  return {std::string(nsp), query};
}
using parts = std::pair<std::string, std::string>;

TEST(SocketioConnectQuery, IsCutOffTheNamespace) {
  EXPECT_EQ(cut("/"), parts("/", ""));
  EXPECT_EQ(cut("/admin"), parts("/admin", ""));
  EXPECT_EQ(cut("/admin?token=x"), parts("/admin", "token=x"));
  EXPECT_EQ(cut("/admin?a?b"), parts("/admin", "a?b"));
  EXPECT_EQ(cut("/admin?a#b?c"), parts("/admin", "a"));
  EXPECT_EQ(cut("/admin#b?c"), parts("/admin", ""));
  EXPECT_EQ(cut("?a"), parts("", "a"));
}

TEST(SocketioConnectQuery, IsAnObjectOfTexts) {
  EXPECT_EQ(query_as_json(""), "{}");
  EXPECT_EQ(query_as_json("token=x"), R"({"token":"x"})");
  EXPECT_EQ(query_as_json("a=1&b=&c&=d"), R"({"a":"1","b":"","c":"","":"d"})");
  EXPECT_EQ(query_as_json("&&a=b=c&"), R"({"a":"b=c"})");
}

TEST(SocketioConnectQuery, IsDecodedAsInAUrl) {
  EXPECT_EQ(query_as_json("a+b=%22c%5C%20d"), R"({"a b":"\"c\\ d"})");
  EXPECT_EQ(query_as_json("a=%&b=%4&c=%zz&%64=%2"), R"({"a":"%","b":"%4","c":"%zz","d":"%2"})");
  EXPECT_EQ(query_as_json("a=%E2%82%ac"), "{\"a\":\"\xe2\x82\xac\"}");
}

TEST(SocketioConnectQuery, RepairsWhatIsNoUtf8) {
  EXPECT_EQ(query_as_json("a=%ff"), "{\"a\":\"\xef\xbf\xbd\"}");
}

TEST(SocketioConnectQuery, TakesTheLastValueOfANameAtThePlaceOfTheFirst) {
  EXPECT_EQ(query_as_json("a=1&b=2&a=3&%61=4"), R"({"a":"4","b":"2"})");
}

TEST(SocketioConnectQuery, SeesSoManyParametersOnly) {
  std::string query;
  for (std::size_t i = 0; i < connect_parameters_max + 10; ++i) query += "&p" + std::to_string(i);
  const std::string json = query_as_json(query);
  EXPECT_NE(json.find("\"p" + std::to_string(connect_parameters_max - 1) + "\""),
            std::string::npos);
  EXPECT_EQ(json.find("\"p" + std::to_string(connect_parameters_max) + "\""), std::string::npos);
}

}  // namespace
}  // namespace gossamer::socketio
