#include "gateway/engineio/request.hpp"

#include "gateway/engineio/query.hpp"
#include "gateway/engineio/session.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gossamer::engineio {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view a_sid = "lv_VI97HAXpY6yYWAAAC";

std::string path(std::string_view query) {
  return "/socket.io/?" + std::string(query);
}

TEST(EngineioQuery, IsBetweenTheQuestionMarkAndTheFragment) {
  EXPECT_EQ(query_of("/a?b=c&d#e?f"), "b=c&d");
  EXPECT_EQ(query_of("/a"), "");
  EXPECT_EQ(query_of("/a#b?c"), "");
  EXPECT_EQ(query_of("/a??b"), "?b");
}

TEST(EngineioQuery, DecodesAsBrowsersDo) {
  // What `new URLSearchParams()` gives.
  EXPECT_EQ(decode_component("a+b%20c"), "a b c");
  EXPECT_EQ(decode_component("%E2%82%AC"), "\xe2\x82\xac");
  EXPECT_EQ(decode_component("%zz%4"), "%zz%4");
  EXPECT_EQ(decode_component("100%"), "100%");
  EXPECT_EQ(decode_component("%ff"), "\xef\xbf\xbd");
  EXPECT_EQ(decode_component("%00"), std::string(1, '\0'));
}

TEST(EngineioQuery, ReadsParametersInOrder) {
  query_reader reader("a=1&&b&=2&c=3=4&a=");
  std::vector<std::string> found;
  while (const auto next = reader.next()) {
    found.push_back(std::string(next->name) + ">" + std::string(next->value));
  }
  EXPECT_EQ(found, (std::vector<std::string>{"a>1", "b>", ">2", "c>3=4", "a>"}));
}

TEST(EngineioQuery, FindsTheFirstOrTheLast) {
  EXPECT_EQ(find_parameter("a=1&%61=2", "a", which::first), "1");
  EXPECT_EQ(find_parameter("a=1&%61=2", "a", which::last), "2");
  EXPECT_EQ(find_parameter("a=1", "b", which::last), std::nullopt);
  EXPECT_EQ(find_parameter("__proto__=x", "__proto__", which::last), "x");
  EXPECT_EQ(find_parameter("a=1", "__proto__", which::last), std::nullopt);
}

TEST(EngineioQuery, SeesABoundedNumberOfParameters) {
  std::string query;
  for (std::size_t i = 0; i < query_parameters_max; ++i) query += "a=b&";
  EXPECT_EQ(find_parameter(query + "late=1", "late", which::last), std::nullopt);
  EXPECT_EQ(find_parameter(query, "a", which::last), "b");
}

TEST(EngineioRequest, ReadsItsParameters) {
  const request asked =
      parse_request(http_method::post, request_form::http,
                    path("EIO=4&transport=polling&t=abc&sid=" + std::string(a_sid)));
  EXPECT_EQ(asked.method, http_method::post);
  EXPECT_EQ(asked.transport, transport_name::polling);
  EXPECT_EQ(asked.revision, 4);
  ASSERT_TRUE(asked.sid);
  EXPECT_EQ(asked.sid->text(), a_sid);
}

TEST(EngineioRequest, IsRevision4OnlyForExactly4) {
  for (const std::string_view eio : {"EIO=3", "EIO=5", "EIO=abc", "EIO=", "EIO", "EIO=04",
                                     "EIO=4.0", "x=1", "eio=4", "EIO=4&EIO=3"}) {
    EXPECT_EQ(parse_request(http_method::get, request_form::http, path(eio)).revision, 3) << eio;
  }
  for (const std::string_view eio : {"EIO=4", "EIO=%34", "EIO=3&EIO=4", "%45IO=4"}) {
    EXPECT_EQ(parse_request(http_method::get, request_form::http, path(eio)).revision, 4) << eio;
  }
}

// The order and the answers of the reference implementation.
TEST(EngineioRequest, IsCheckedInTheReferencesOrder) {
  struct row {
    std::string_view query;
    http_method method;
    request_form form;
    std::string_view origin;
    std::optional<errc> expected;
  };
  using enum http_method;
  constexpr auto plain = request_form::http;
  constexpr auto upgrade = request_form::upgrade;
  const row table[] = {
      {"EIO=4&transport=polling", get, plain, "", std::nullopt},
      {"EIO=4&transport=websocket", get, upgrade, "http://a", std::nullopt},
      {"EIO=4", get, plain, "", errc::unknown_transport},
      {"EIO=4&transport=abc", get, plain, "", errc::unknown_transport},
      {"EIO=4&transport=webtransport", get, plain, "", errc::unknown_transport},
      {"EIO=4&transport=constructor", get, plain, "", errc::unknown_transport},
      {"EIO=4&transport=abc&sid=nobody", get, plain, "a\x01", errc::unknown_transport},
      {"EIO=4&transport=polling&sid=nobody", get, plain, "a\x01", errc::invalid_origin},
      {"EIO=4&transport=polling", post, plain, "a\x7f", errc::invalid_origin},
      {"EIO=4&transport=polling&sid=nobody", get, plain, "", errc::unknown_sid},
      {"EIO=4&transport=polling&sid=__proto__", post, plain, "", errc::unknown_sid},
      {"EIO=4&transport=polling&sid=lv_VI97HAXpY6yYWAAA!", get, plain, "", errc::unknown_sid},
      {"EIO=4&transport=polling", post, plain, "", errc::bad_handshake_method},
      {"EIO=4&transport=polling&sid=", other, plain, "", errc::bad_handshake_method},
      {"EIO=3&transport=websocket", post, plain, "", errc::bad_handshake_method},
      {"EIO=4&transport=websocket", get, plain, "", errc::transport_handshake_error},
      {"EIO=4&transport=polling&sid=lv_VI97HAXpY6yYWAAAC", other, plain, "", std::nullopt},
  };
  const options settings;
  for (const row& r : table) {
    const request asked = parse_request(r.method, r.form, path(r.query));
    EXPECT_EQ(refuses(settings, asked, r.origin), r.expected) << r.query;
  }
}

TEST(EngineioRequest, NeedsAnEnabledTransport) {
  options settings;
  settings.transports = {.polling = false, .websocket = true};
  const auto asked = [&](std::string_view query, request_form form) {
    return refuses(settings, parse_request(http_method::get, form, path(query)), "");
  };
  EXPECT_EQ(asked("EIO=4&transport=polling", request_form::http), errc::unknown_transport);
  EXPECT_EQ(asked("EIO=4&transport=websocket", request_form::upgrade), std::nullopt);
}

TEST(EngineioRequest, IsRefusedLastForItsRevision) {
  const auto of = [](std::string_view query) {
    return refuses_revision(parse_request(http_method::get, request_form::http, path(query)));
  };
  EXPECT_EQ(of("EIO=3&transport=polling"), errc::unsupported_version);
  EXPECT_EQ(of("transport=polling"), errc::unsupported_version);
  EXPECT_EQ(of("EIO=4&transport=polling"), std::nullopt);
}

TEST(EngineioRequest, OfRevision3IsTakenWhereItIsAllowed) {
  for (const std::string_view query :
       {"EIO=3&transport=polling", "transport=polling", "EIO=03&transport=polling"}) {
    const request asked = parse_request(http_method::get, request_form::http, path(query));
    EXPECT_EQ(asked.revision, 3) << query;
    EXPECT_EQ(refuses_revision(asked, true), std::nullopt) << query;
    EXPECT_EQ(refuses_revision(asked, false), errc::unsupported_version) << query;
  }
}

TEST(EngineioRequest, SaysWhatAnOldClientCannotDo) {
  const auto of = [](std::string_view query) {
    return parse_request(http_method::get, request_form::http, path(query));
  };
  EXPECT_FALSE(of("EIO=3&transport=polling").base64);
  EXPECT_FALSE(of("EIO=3&transport=polling").jsonp);
  EXPECT_TRUE(of("EIO=3&transport=polling&b64=1").base64);
  EXPECT_TRUE(of("b64=0&EIO=3").base64) << "any value but an empty one";
  EXPECT_FALSE(of("b64=1&b64=&EIO=3").base64) << "the last one counts";
  EXPECT_TRUE(of("EIO=3&transport=polling&j=0&b64=1").jsonp);
  EXPECT_TRUE(of("EIO=4&transport=polling&j=").jsonp);
}

TEST(EngineioRequest, MustFitASessionOfRevision3) {
  const options settings;
  const session old(settings, transport_name::polling, 25s, {}, 3);
  const auto of = [](std::string_view query) {
    return parse_request(http_method::get, request_form::http, path(query));
  };
  EXPECT_EQ(old.refuses(of("EIO=3&transport=polling&sid=x")), std::nullopt);
  EXPECT_EQ(old.refuses(of("transport=polling&sid=x")), std::nullopt);
  EXPECT_EQ(old.refuses(of("EIO=4&transport=polling&sid=x")), errc::protocol_mismatch);
}

TEST(EngineioRequest, MustFitItsSession) {
  const options settings;
  const session on_polling(settings, transport_name::polling, 25s, {});
  const session on_websocket(settings, transport_name::websocket, 25s, {});
  const auto asked = [](std::string_view query, request_form form) {
    return parse_request(http_method::get, form, path(query));
  };
  const auto poll = asked("EIO=4&transport=polling&sid=x", request_form::http);
  const auto upgrade = asked("EIO=4&transport=websocket&sid=x", request_form::upgrade);
  const auto no_upgrade = asked("EIO=4&transport=websocket&sid=x", request_form::http);
  const auto old_poll = asked("EIO=3&transport=polling&sid=x", request_form::http);
  const auto old_upgrade = asked("transport=websocket&sid=x", request_form::upgrade);

  EXPECT_EQ(on_polling.refuses(poll), std::nullopt);
  EXPECT_EQ(on_polling.refuses(upgrade), std::nullopt);
  EXPECT_EQ(on_polling.refuses(no_upgrade), errc::transport_mismatch);
  EXPECT_EQ(on_polling.refuses(old_poll), errc::protocol_mismatch);
  EXPECT_EQ(on_polling.refuses(old_upgrade), errc::protocol_mismatch);
  EXPECT_EQ(on_websocket.refuses(poll), errc::transport_mismatch);
  EXPECT_EQ(on_websocket.refuses(old_poll), errc::transport_mismatch);
  EXPECT_EQ(on_websocket.refuses(upgrade), std::nullopt);
}

TEST(EngineioOptions, GiveTheMountPath) {
  options settings;
  EXPECT_EQ(mount_path(settings), "/socket.io/");
  settings.path = "/chat/";
  EXPECT_EQ(mount_path(settings), "/chat/");
  settings.add_trailing_slash = false;
  EXPECT_EQ(mount_path(settings), "/chat");
}

}  // namespace
}  // namespace gossamer::engineio
