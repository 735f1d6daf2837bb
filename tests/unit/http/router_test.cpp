#include "gateway/http/router.hpp"

#include <gtest/gtest.h>

namespace gossamer::http {
namespace {

TEST(RoutePattern, TakesParametersAndTheRest) {
  const route_pattern pattern("/files/:id/*");
  const auto got = pattern.match("/files/a%20b/x/y");
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, (route_params{{"id", "a b"}, {"*", "x/y"}}));
  EXPECT_TRUE(pattern.match("/files/1/"));
  EXPECT_FALSE(pattern.match("/files/1"));
  EXPECT_FALSE(pattern.match("/files//x"));
  EXPECT_FALSE(pattern.match("/other/1/x"));
}

TEST(RoutePattern, IgnoresASlashAtTheEnd) {
  EXPECT_TRUE(route_pattern("/a").match("/a/"));
  EXPECT_TRUE(route_pattern("/").match("/"));
  EXPECT_FALSE(route_pattern("/").match("/a"));
  EXPECT_FALSE(route_pattern("/a").match("/ab"));
  EXPECT_FALSE(route_pattern("/a").match("a"));
  EXPECT_TRUE(route_pattern("/*").match("/"));
  EXPECT_TRUE(route_pattern("/*").match("/any/thing"));
}

class silent final : public request_handler {
 public:
  void on_request(std::shared_ptr<exchange>) override {}
};

request head_of(method verb, std::string target) {
  request r;
  r.method = verb;
  r.target = std::move(target);
  return r;
}

TEST(Router, PrefersTheLongestMountThenTheFirstRoute) {
  router routes;
  const auto outer = std::make_shared<silent>();
  const auto inner = std::make_shared<silent>();
  routes.get("/a/b/c", [](const auto&, auto&) {});
  routes.mount("/a/", 1, outer);
  routes.mount("/a/b/", 2, inner);
  EXPECT_EQ(routes.choose(head_of(method::get, "/a/b/c")).handler, inner);
  EXPECT_EQ(routes.choose(head_of(method::get, "/a/b/c")).body_bytes_max, 2U);
  EXPECT_EQ(routes.choose(head_of(method::post, "/a/x")).handler, outer);
  const auto missing = routes.choose(head_of(method::get, "/a")).handler;
  EXPECT_NE(missing, outer);
  routes.unmount("/a/b/");
  EXPECT_EQ(routes.choose(head_of(method::get, "/a/b/c")).handler, outer);
}

TEST(Router, GivesARouteItsOwnBodyLimit) {
  router routes;
  routes.add(
      method::post, "/up", [](const auto&, auto&) {}, 7);
  EXPECT_EQ(routes.choose(head_of(method::post, "/up")).body_bytes_max, 7U);
  EXPECT_EQ(routes.choose(head_of(method::head, "/up")).body_bytes_max, 64U << 10U);
}

}  // namespace
}  // namespace gossamer::http
