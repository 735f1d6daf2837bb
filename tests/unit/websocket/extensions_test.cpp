// Negotiation of permessage-deflate.
#include "gateway/websocket/extensions.hpp"

#include "tests/unit/websocket/beast_oracle.hpp"

#include <gtest/gtest.h>

namespace gossamer::websocket {
namespace {

const std::string base =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

std::string answer(std::string_view offers, const deflate_options& options = {}) {
  const auto accepted = accept_deflate(offers, options);
  return accepted ? *accepted : "<" + accepted.error().message() + ">";
}

TEST(DeflateOffer, IsAnsweredWithoutContextTakeover) {
  EXPECT_EQ(answer("permessage-deflate"), base);
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits"), base);  // browsers, ws
  EXPECT_EQ(answer(" permessage-deflate ;server_no_context_takeover;client_no_context_takeover "),
            base);
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits=10"), base);
}

TEST(DeflateOffer, IsDeclinedIfNoneIsMade) {
  EXPECT_EQ(answer(""), "");
  EXPECT_EQ(answer(" , ,"), "");
  EXPECT_EQ(answer("x-webkit-deflate-frame"), "");
  EXPECT_EQ(answer("foo; a=1; b=\"c\", bar"), "");
}

TEST(DeflateOffer, IsDeclinedWithAParameterThatIsWrong) {
  for (const char* parameters :
       {"unknown", "server_no_context_takeover=1", "client_no_context_takeover=true",
        "server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16",
        "server_max_window_bits=015", "server_max_window_bits=1x", "client_max_window_bits=7",
        "client_max_window_bits=16", "client_max_window_bits=08", "client_max_window_bits=-9",
        "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover",
        "server_max_window_bits=15; server_max_window_bits=15",
        "client_max_window_bits; client_max_window_bits=9"}) {
    EXPECT_EQ(answer(std::string("permessage-deflate; ") + parameters), "") << parameters;
  }
}

TEST(DeflateOffer, IsDeclinedIfItWantsASmallerWindowOfUs) {
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=14"), "");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=15"),
            base + "; server_max_window_bits=15");
  const deflate_options small{.server_max_window_bits = 12};
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=11", small), "");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=12", small),
            base + "; server_max_window_bits=12");
  EXPECT_EQ(answer("permessage-deflate", small), base + "; server_max_window_bits=12");
}

TEST(DeflateOffer, IsTakenInTheClientsOrder) {
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=10, permessage-deflate"), base);
  EXPECT_EQ(answer("permessage-deflate; nonsense, foo, permessage-deflate; "
                   "server_max_window_bits=15, permessage-deflate"),
            base + "; server_max_window_bits=15");
}

TEST(DeflateOffer, AsksForASmallClientWindowOnlyWhereItIsOffered) {
  const deflate_options asks{.client_max_window_bits = 11};
  EXPECT_EQ(answer("permessage-deflate", asks), base);
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits", asks),
            base + "; client_max_window_bits=11");
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits=9", asks),
            base + "; client_max_window_bits=9");
}

TEST(DeflateOffer, MayQuoteItsValues) {
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=\"15\""),
            base + "; server_max_window_bits=15");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=\"1\\5\""),
            base + "; server_max_window_bits=15");
}

TEST(DeflateOffer, IsRefusedIfItsGrammarIsBroken) {
  for (const char* offers :
       {"permessage-deflate;", "permessage-deflate; =1",
        "permessage-deflate; a=", "permessage-deflate; a=\"", "permessage-deflate; a=\"b c\"",
        "permessage-deflate; a=\"\"", "permessage-deflate a", "; a", "=", "permessage-deflate, ;",
        "\"permessage-deflate\"", "permessage-deflate; a=\"b\\", "permessage-deflate/"}) {
    EXPECT_EQ(accept_deflate(offers, {}).error(), errc::bad_extensions) << offers;
  }
  EXPECT_EQ(http_status_for(errc::bad_extensions), 400U);
}

// Beast gives up where we answer window bits of 15, so those are left out; it says the same about
// everything else.
TEST(DeflateOffer, IsAnsweredAsBeastDoes) {
  for (const char* offers :
       {"permessage-deflate", "permessage-deflate; client_no_context_takeover",
        "permessage-deflate; server_no_context_takeover", "foo, permessage-deflate", "foo",
        "permessage-deflate; unknown", "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover"}) {
    EXPECT_EQ(answer(offers), beast_accept_deflate(offers)) << offers;
  }
}

}  // namespace
}  // namespace gossamer::websocket
