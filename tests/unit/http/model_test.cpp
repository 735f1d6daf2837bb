// CORS and cookies as the packages of Socket.IO's own server have them: tables that were written by
// those packages.
#include "gateway/http/cookie.hpp"
#include "gateway/http/cors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

namespace gossamer::http {
namespace {

using namespace std::string_view_literals;

struct cors_row {
  std::string_view options;
  std::string_view verb;
  std::string_view origin;
  std::string_view asked_headers;
  unsigned status;  // of the answer to a preflight; 0: the request goes on
  std::string_view fields;
};
constexpr cors_row cors_rows[] = {
#include "tests/unit/http/model_cors.inc"
};

constexpr auto nothing = std::nullopt;
struct cookie_row {
  std::string_view field;
  std::string_view name;
  std::optional<std::string_view> value;
};
constexpr cookie_row cookie_rows[] = {
#include "tests/unit/http/model_cookie.inc"
};

struct set_cookie_row {
  std::string_view options;
  std::string_view value;
  std::string_view field;
};
constexpr set_cookie_row set_cookie_rows[] = {
#include "tests/unit/http/model_set_cookie.inc"
};

cors_options with(origin_policy policy) {
  cors_options made;
  made.origin = std::move(policy);
  return made;
}
template <class Change>
cors_options with(origin_policy policy, Change&& change) {
  auto made = with(std::move(policy));
  change(made);
  return made;
}
origin_policy decided(std::optional<origin_policy> (*by)(std::string_view)) {
  return origin_policy::decided_by(by);
}

// What the model calls origin, methods, allowedHeaders, exposedHeaders, maxAge.
std::map<std::string_view, cors_options> options_by_name() {
  using policy = origin_policy;
  const auto a = policy::fixed("http://a.example");
  std::map<std::string_view, cors_options> made;
  made["none"] = {};
  made["star"] = with(policy::fixed("*"));
  made["empty_origin"] = with(policy::fixed(""));
  made["fixed"] = with(a);
  made["off"] = with(decided([](auto) { return std::optional<policy>(); }));
  made["reflect"] = with(policy::reflect());
  made["list"] = with(policy::list({a, policy::pattern(R"(^https:\/\/.*\.example\.org$)")}));
  made["list_with_star"] = with(policy::list(std::vector<std::string>{"*", "http://a.example"}));
  made["empty_list"] = with(policy::list(std::vector<std::string>()));
  made["pattern"] = with(policy::pattern("example"));
  made["function_reflects"] = with(decided([](auto origin) {
    return origin == "http://a.example" ? std::optional(policy::reflect()) : std::nullopt;
  }));
  made["function_names"] =
      with(decided([](auto) { return std::optional(policy::fixed("http://named.example")); }));
  made["function_lists"] = with(decided([](auto) {
    return std::optional(policy::list(std::vector<std::string>{"http://a.example"}));
  }));
  made["credentials"] = with(policy::reflect(), [](auto& o) { o.credentials = true; });
  made["credentials_star"] = with(policy::any(), [](auto& o) { o.credentials = true; });
  made["methods"] = with(a, [](auto& o) { o.methods = "GET,POST"; });
  made["no_methods"] = with(policy::any(), [](auto& o) { o.methods = ""; });
  made["headers"] =
      with(policy::any(), [](auto& o) { o.allowed_headers = "x-custom,content-type"; });
  made["no_headers"] = with(policy::any(), [](auto& o) { o.allowed_headers = ""; });
  made["exposed"] = with(policy::reflect(), [](auto& o) { o.exposed_headers = "x-id,x-other"; });
  made["no_exposed"] = with(policy::any(), [](auto& o) { o.exposed_headers = ""; });
  made["max_age"] = with(policy::any(), [](auto& o) { o.max_age = 600; });
  made["max_age_0"] = with(policy::any(), [](auto& o) { o.max_age = 0; });
  made["status_200"] = with(policy::any(), [](auto& o) { o.preflight_status = 200; });
  made["goes_on"] = with(a, [](auto& o) { o.preflight_continue = true; });
  made["everything"] =
      with(policy::list(std::vector<std::string>{"http://a.example"}), [](auto& o) {
        o.credentials = true;
        o.methods = "GET";
        o.allowed_headers = "x-a";
        o.exposed_headers = "x-b";
        o.max_age = 1;
      });
  return made;
}

// `name: value`, sorted.
std::string sorted(const header_fields& fields) {
  std::vector<std::string> lines;
  fields.each([&](std::string_view name, std::string_view value) {
    lines.push_back(std::string(name) + ": " + std::string(value));
  });
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

TEST(Model, CorsDecidesAsThePackageDoes) {
  const auto options = options_by_name();
  for (const auto& row : cors_rows) {
    const auto found = options.find(row.options);
    ASSERT_NE(found, options.end()) << row.options;
    header_fields request;
    if (!row.origin.empty()) request.add("Origin", row.origin);
    if (!row.asked_headers.empty()) {
      request.add("Access-Control-Request-Headers", row.asked_headers);
    }
    const cors rules(found->second);
    const auto made = rules.decide(row.verb == "OPTIONS" ? method::options : method::get, request);
    const auto answer = made.preflight ? rules.preflight_response(made) : response{};
    EXPECT_EQ(made.preflight ? answer.status : 0, row.status) << row.options;
    EXPECT_EQ(sorted(made.preflight ? answer.headers : made.headers), row.fields)
        << row.options << " " << row.verb << " origin '" << row.origin << "'";
  }
}

TEST(Model, CookiesAreFoundAsThePackageDoes) {
  for (const auto& row : cookie_rows) {
    EXPECT_EQ(find_cookie(row.field, row.name), row.value) << row.field << " " << row.name;
  }
}

TEST(Model, CookiesAreSetAsThePackageDoes) {
  std::map<std::string_view, cookie_options> options;
  auto& bare = options["bare"];
  bare.path.reset();
  bare.http_only = false;
  bare.same_site = same_site::unset;
  options["usual"] = {};
  auto& everything = options["everything"];
  everything.path = "/a";
  everything.domain = "a.example";
  everything.max_age = 60;
  everything.secure = true;
  everything.same_site = same_site::none;
  auto& ends = options["ends"] = bare;
  ends.max_age = 0;
  ends.same_site = same_site::strict;
  for (const auto& row : set_cookie_rows) {
    ASSERT_TRUE(options.count(row.options)) << row.options;
    EXPECT_EQ(set_cookie(options[row.options], row.value), row.field);
  }
}

}  // namespace
}  // namespace gossamer::http
