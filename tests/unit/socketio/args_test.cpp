#include "actors/socketio/args.hpp"

#include "actors/socketio/event_image.hpp"
#include "actors/socketio/json_codec.hpp"
#include "actors/socketio/json_scan.hpp"
#include "tests/unit/socketio/random_json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gossamer {
namespace {

using testing::random_json;

// Arguments as a naive list: an item is JSON text, or a binary if it begins with '<'.
using naive = std::vector<std::string>;

naive random_items(seeded_random& random) {
  naive items;
  for (auto left = random.below(5); left > 0; --left) {
    const bool binary = random.below(3) == 0;
    items.push_back(binary ? "<" + std::to_string(random.next()) : random_json(random, 2));
  }
  return items;
}

args build(const naive& items) {
  args_builder builder;
  for (const auto& item : items) {
    if (item.starts_with('<')) {
      builder.add(bytes(item));
    } else {
      builder.add(args(item, 1));
    }
  }
  return builder.build();
}

naive list(const args_view& given) {
  naive items;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto binary = given.get<bytes>(i);
    items.emplace_back(binary ? binary->view() : given.raw(i));
  }
  return items;
}

naive trimmed(naive items) {
  for (auto& item : items) {
    while (item.ends_with(' ') || item.ends_with('\n') || item.ends_with('\t')) item.pop_back();
  }
  return items;
}

TEST(Args, SliceAndJoinLikeLists) {
  seeded_random random(11);
  for (int round = 0; round < 2000; ++round) {
    const naive left = random_items(random);
    const naive right = random_items(random);
    const args a = build(left);
    const args b = build(right);
    ASSERT_EQ(list(a), trimmed(left));

    naive visited;
    a.view().each([&](std::string_view raw) { visited.emplace_back(raw); });
    ASSERT_EQ(visited.size(), a.size());
    for (std::size_t i = 0; i < visited.size(); ++i) ASSERT_EQ(visited[i], a.raw(i));

    const auto drop_left = random.below(6);
    const auto drop_right = random.below(6);
    naive expected(left.begin() + static_cast<long>(std::min<std::size_t>(drop_left, left.size())),
                   left.end());
    expected.emplace_back("7");
    expected.insert(
        expected.end(),
        right.begin() + static_cast<long>(std::min<std::size_t>(drop_right, right.size())),
        right.end());
    const args joined = make_args(a.from(drop_left), 7, b.view().from(drop_right));
    ASSERT_EQ(list(joined), trimmed(expected));
    ASSERT_EQ(socketio::outline_json("[" + std::string(joined.items()) + "]", 64).item_count,
              joined.size());
    ASSERT_LE(joined.attachments().size(), a.attachments().size() + b.attachments().size());
  }
}

TEST(Args, ShareOneBlock) {
  const args whole = make_args("a", bytes("x"), 3);
  const args rest = whole.from(1);
  EXPECT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest.items().data(), whole.items().data() + 4);
  EXPECT_EQ(rest.view().keep().items().data(), rest.items().data());
  EXPECT_TRUE(whole.from(3).empty());
  EXPECT_TRUE(whole.from(99).empty());
  EXPECT_EQ(whole.from(0), whole);
}

TEST(Args, OutliveWhatTheyWereMadeFrom) {
  args kept;
  {
    const std::string text = R"("one", 2)";
    kept = args_view(text, 2).keep();
  }
  EXPECT_EQ(kept.get<std::string>(0).value(), "one");
  EXPECT_EQ(kept.get<int>(1).value(), 2);
}

TEST(Args, GiveNothingWhereNothingIs) {
  const args none;
  EXPECT_TRUE(none.raw(0).empty());
  EXPECT_TRUE(none.at(5).is_null());
  EXPECT_EQ(none.get<int>(0).error().message(), "[0]: expected integer, got nothing");
  EXPECT_EQ(none.get<std::optional<int>>(3).value(), std::nullopt);
  EXPECT_EQ(make_args(), none);
}

TEST(Args, AtKeepsPlaceholdersAsObjects) {
  const args given = make_args(bytes("x"));
  EXPECT_TRUE(given.at(0).is_object());
  EXPECT_TRUE(given.at(0).as_object().at("_placeholder").as_bool());
}

TEST(Args, AnAttachmentNamedOftenStaysOne) {
  const std::vector<bytes> data{bytes("big")};
  const std::string hole = R"({"_placeholder":true,"num":0})";
  const args given(hole + "," + hole, 2, data);
  const args joined = make_args(bytes("first"), given);
  EXPECT_EQ(joined.attachments().size(), 2U);
  EXPECT_EQ(joined.get<bytes>(1)->view(), "big");
  EXPECT_EQ(joined.get<bytes>(2)->view(), "big");
}

TEST(Args, SurviveHostilePlaceholdersInPlainText) {
  const std::string fake = R"({"_placeholder":true,"num":99})";
  const args joined = make_args(args(fake, 1), args(fake + R"(,{"_placeholder":true,"num":0})", 2,
                                                    std::vector<bytes>{bytes("b")}));
  EXPECT_EQ(joined.size(), 3U);
  EXPECT_EQ(joined.attachments().size(), 1U);
  EXPECT_FALSE(joined.get<bytes>(0).has_value());
  EXPECT_EQ(joined.get<bytes>(2)->view(), "b");
}

TEST(EventImage, HoldsTheWholeArray) {
  const auto image = socketio::event_image::make("news", 1, make_args("x", bytes("b")), bytes("c"));
  ASSERT_TRUE(image.has_value());
  EXPECT_EQ(image->json.view(),
            R"(["news",1,"x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  EXPECT_EQ(image->name(), "news");
  EXPECT_EQ(image->arguments().size(), 4U);
  EXPECT_EQ(image->arguments().get<bytes>(3)->view(), "c");
  EXPECT_EQ(socketio::event_image::make("disconnect").error(), socketio::errc::reserved_event_name);
  EXPECT_EQ(socketio::event_image::make("\"\xc3\xa9\n")->name(), "\"\xc3\xa9\n");
  EXPECT_TRUE(socketio::event_image::make("alone")->arguments().empty());
}

TEST(EventImage, ChecksWhatComesFromElsewhere) {
  using socketio::errc;
  using socketio::event_image;
  const auto parse = [](std::string_view json, std::vector<bytes> attachments = {}) {
    return event_image::parse(bytes(json), std::move(attachments));
  };
  EXPECT_EQ(parse(R"( [ "a" , 1 ])")->name(), "a");
  EXPECT_EQ(parse(R"( [ "a" , 1 ])")->arguments().items(), "1");
  EXPECT_EQ(parse("[12]")->name(), "12");
  for (const auto* bad : {"", "{}", "[]", "[null]", "[\"a\"", "[[\"a\"]]"}) {
    EXPECT_EQ(parse(bad).error(), errc::invalid_payload) << bad;
  }
  EXPECT_EQ(parse(R"(["connect"])").error(), errc::reserved_event_name);
  EXPECT_EQ(parse(R"(["a",{"_placeholder":true,"num":1}])", {bytes("x")}).error(),
            errc::illegal_attachments);
  EXPECT_TRUE(parse(R"(["a",{"_placeholder":true,"num":0}])", {bytes("x")}).has_value());
}

}  // namespace
}  // namespace gossamer
