#include "tests/unit/cluster/fixture.hpp"

#include <map>

namespace gossamer::cluster {
namespace {

/// Three nodes that know each other; blobs arrive at once.
class Exchange : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::uint64_t i = 1; i <= 3; ++i) {
      exchange_settings s;
      s.self = node_named(i);
      nodes_.try_emplace(i, s);
    }
    for (auto& [i, one] : nodes_) {
      for (auto& [j, other] : nodes_) {
        if (i != j) one.member_up(node_named(j), version_max);
      }
    }
  }
  exchange& node(std::uint64_t number) { return nodes_.at(number); }
  static node_id id(std::uint64_t number) { return {number, number}; }

  /// Until nothing is under way; keeps what the nodes are told.
  void run(std::uint64_t silent = 0) {
    for (bool moved = true; moved;) {
      moved = false;
      for (auto& [i, one] : nodes_) {
        auto effects = one.take(now_);
        for (auto& b : effects.blobs) {
          moved = true;
          if (i == silent || b.to == id(silent)) continue;
          ASSERT_FALSE(node(b.to.low).receive(id(i), b.content.view(), now_));
        }
        for (auto& d : effects.deliveries) delivered_[i].push_back(std::move(d));
        for (auto& r : effects.requests) requests_.push_back(std::move(r));
        for (auto& a : effects.acks) acks_.push_back(std::move(a));
        for (auto& n : effects.notices) notices_[i].push_back(n);
      }
    }
  }
  std::map<std::uint64_t, exchange> nodes_;
  std::map<std::uint64_t, std::vector<exchange_effects::delivery>> delivered_;
  std::map<std::uint64_t, std::vector<link_notice>> notices_;
  std::vector<request_outcome> requests_;
  std::vector<ack_outcome> acks_;
  time_point now_ = t0;
};

TEST_F(Exchange, SendsOneMessageToManyInOrder) {
  const std::vector both{id(2), id(3)};
  const broadcast said{image_of("[\"say\"]"), {{"lobby"}, {}}, "x"};
  EXPECT_TRUE(
      node(1)
          .send(both, carried{layer::directory, bytes("interest")}, importance::control, now_)
          .empty());
  EXPECT_TRUE(node(1).send(both, said, importance::data, now_).empty());
  run();
  for (const std::uint64_t n : {2, 3}) {
    ASSERT_EQ(delivered_[n].size(), 2U);
    EXPECT_EQ(delivered_[n][0].what, message(carried{layer::directory, bytes("interest")}));
    EXPECT_EQ(delivered_[n][1].what, message(said));
    EXPECT_EQ(delivered_[n][1].from, id(1));
  }
}

TEST_F(Exchange, SpeaksTheOlderVersionToAnOlderNode) {
  exchange one({node_named(1), {}, {}, {}, {}});
  one.member_up(node_named(2), 1);
  one.member_up(node_named(3), 9);
  const std::vector both{id(2), id(3)};
  EXPECT_TRUE(
      one.send(both, broadcast{image_of("[\"a\"]"), {}, "x"}, importance::data, t0).empty());
  for (const auto& b : one.take(t0).blobs) {
    const auto read = decode(b.content.view());
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->head.version, b.to == id(2) ? 1 : version_max);
    EXPECT_EQ(std::get<broadcast>(read->messages.at(0).what).from, b.to == id(2) ? "" : "x");
  }
}

TEST_F(Exchange, CarriesQuestionsAndAnswers) {
  const std::vector both{id(2), id(3)};
  const auto asked = node(1).request(both, count_sockets{{}, "/", {}}, 5s, now_);
  ASSERT_TRUE(asked.has_value());
  run();
  for (const std::uint64_t n : {2, 3}) {
    const auto& question = std::get<count_sockets>(delivered_[n].at(0).what);
    EXPECT_EQ(question.request, *asked);
    ASSERT_FALSE(node(n).send(delivered_[n][0].from, socket_count{question.request, n},
                              importance::control, now_));
  }
  run();
  ASSERT_EQ(requests_.size(), 1U);
  EXPECT_TRUE(requests_[0].complete);
  EXPECT_EQ(requests_[0].answers.size(), 2U);
  EXPECT_TRUE(delivered_[1].empty());
}

TEST_F(Exchange, EndsTheWaitForAMemberThatDies) {
  const std::vector both{id(2), id(3)};
  ASSERT_TRUE(node(1).request(both, fetch_sockets{{}, "/", {}}, 5s, now_).has_value());
  run(3);
  ASSERT_FALSE(
      node(2).send(id(1), sockets_found{request_id{1}, 0, true, {}}, importance::control, now_));
  run(3);
  EXPECT_TRUE(requests_.empty());
  node(1).member_gone(id(3), false);
  run();
  ASSERT_EQ(requests_.size(), 1U);
  EXPECT_TRUE(requests_[0].complete);
  EXPECT_EQ(requests_[0].gone, std::vector{node_named(3)});
  EXPECT_EQ(notices_[1].at(0), (link_notice{id(3), link_event::unconfirmed, 1}));
}

TEST_F(Exchange, NamesWhoDoesNotAnswerInTime) {
  const std::vector both{id(2), id(3)};
  ASSERT_TRUE(node(1).request(both, count_sockets{{}, "/", {}}, 5s, now_).has_value());
  run();
  EXPECT_EQ(node(1).requests().deadline(), t0 + 5s);
  now_ += 5s;
  node(1).tick(now_);
  run();
  ASSERT_EQ(requests_.size(), 1U);
  EXPECT_EQ(requests_[0].missing, (std::vector{node_named(2), node_named(3)}));
}

TEST_F(Exchange, AsksNobodyWhoIsNoMember) {
  const std::vector<node_id> nobody{id(9)};
  ASSERT_TRUE(node(1).request(nobody, count_sockets{{}, "/", {}}, 5s, now_).has_value());
  run();
  EXPECT_EQ(requests_.at(0).gone.size(), 1U);
  EXPECT_EQ(node(1).send(id(9), refused{}, importance::control, now_), errc::unknown_peer);
  EXPECT_EQ(node(1).receive(id(9), blob_of({refused{}}).view(), now_), errc::unknown_peer);
  EXPECT_EQ(node(1).counters().from_strangers, 1U);
}

TEST_F(Exchange, GathersAcksOfAllNodes) {
  const std::vector both{id(2), id(3)};
  const auto asked =
      node(1).request_acks(both, true, {{}, 5s, image_of("[\"age\"]"), {}, {}}, now_);
  ASSERT_TRUE(asked.has_value());
  node(1).hear(ack_expect{*asked, 0}, now_);
  run();
  for (const std::uint64_t n : {2, 3}) {
    const owed_acks::key k{"/chat", 1};
    auto& owed = node(n).owed();
    const auto& question = std::get<broadcast_ack>(delivered_[n].at(0).what);
    ASSERT_TRUE(owed.open(k, delivered_[n][0].from, question, now_));
    ASSERT_TRUE(owed.expect(k, socket_named(static_cast<int>(n))));
    const auto counted = owed.close(k);
    ASSERT_FALSE(node(n).send(counted->to, counted->what, importance::control, now_));
    const auto said = owed.answer(k, socket_named(static_cast<int>(n)), bytes("[7]"), {});
    ASSERT_FALSE(node(n).send(said->to, said->what, importance::control, now_));
  }
  run();
  ASSERT_EQ(acks_.size(), 1U);
  EXPECT_TRUE(acks_[0].complete);
  EXPECT_EQ(acks_[0].answers.size(), 2U);
}

TEST_F(Exchange, GoesOnAfterABrokenConnection) {
  ASSERT_FALSE(node(1).send(id(2), refused{}, importance::data, now_));
  (void)node(1).take(now_);  // vanishes
  ASSERT_FALSE(node(1).send(id(2), ack_expect{}, importance::data, now_));
  ASSERT_FALSE(node(1).send(id(2), carried{layer::actors, bytes("x")}, importance::data, now_));
  node(1).connection_lost(id(2));
  run();
  EXPECT_EQ(notices_[1].at(0), (link_notice{id(2), link_event::unconfirmed, 1}));
  EXPECT_EQ(delivered_[2].size(), 1U);
  EXPECT_TRUE(notices_[2].empty());
}

TEST_F(Exchange, TellsThatAPeerBeganANewSession) {
  const auto say = [&](std::uint64_t from) {
    ASSERT_FALSE(node(from).send(id(2), carried{}, importance::data, now_));
    run();
  };
  say(1);
  EXPECT_TRUE(notices_[2].empty());  // its first
  node(1).member_gone(id(2), false);
  node(1).member_up(node_named(2), version_max);
  say(3);
  EXPECT_TRUE(notices_[2].empty());
  say(1);
  EXPECT_EQ(notices_[2], (std::vector{link_notice{id(1), link_event::restarted, 1}}));
}

TEST_F(Exchange, HearsADeadNodeAgainWithoutHearingAnythingTwice) {
  ASSERT_FALSE(node(1).send(id(2), carried{layer::actors, bytes("1")}, importance::data, now_));
  const auto first = node(1).take(now_).blobs;
  ASSERT_FALSE(node(2).receive(id(1), first.at(0).content.view(), now_));
  node(2).member_gone(id(1), false);
  ASSERT_FALSE(node(1).send(id(2), carried{layer::actors, bytes("2")}, importance::data, now_));
  for (const auto& b : node(1).take(now_).blobs) {
    EXPECT_EQ(node(2).receive(id(1), b.content.view(), now_), errc::unknown_peer);
  }
  node(2).member_up(node_named(1), version_max);
  ASSERT_FALSE(node(2).receive(id(1), first[0].content.view(), now_));  // once more
  ASSERT_FALSE(node(1).send(id(2), carried{layer::actors, bytes("3")}, importance::data, now_));
  run();
  ASSERT_EQ(delivered_[2].size(), 2U);
  EXPECT_EQ(delivered_[2][1].what, message(carried{layer::actors, bytes("3")}));
  EXPECT_EQ(notices_[2].at(0), (link_notice{id(1), link_event::missed, 1}));
}

TEST_F(Exchange, ASlowConsumerSlowsItsSenderAndNobodyElse) {
  exchange_settings s;
  s.self = node_named(1);
  s.link.window_bytes = s.link.queue_bytes_max = 1000;
  s.link.batch_bytes = 100;
  exchange one(s);
  one.member_up(node_named(2), version_max);
  one.member_up(node_named(3), version_max);
  const message m = carried{layer::actors, bytes(std::string(90, 'x'))};
  const std::vector both{id(2), id(3)};
  bool full = false;
  for (int i = 0; i < 100; ++i) {
    for (const auto& [who, why] : one.send(both, m, importance::data, t0)) {
      EXPECT_EQ(who, id(2));
      EXPECT_EQ(why, errc::link_full);
      full = true;
    }
    const auto effects = one.take(t0);
    for (const auto& n : effects.notices)
      EXPECT_EQ(n, (link_notice{id(2), link_event::degraded, 1}));
    for (const auto& b : effects.blobs) {
      if (b.to == id(2)) continue;
      const auto last = decode(b.content.view())->messages.back().sequence;
      const auto session = decode(b.content.view())->head.session;
      ASSERT_FALSE(one.receive(id(3), blob_of({credit{session, last + 1, 0}}).view(), t0));
    }
  }
  EXPECT_TRUE(full);
  EXPECT_LE(one.outgoing(id(2))->queued_bytes(), 1000U);
  EXPECT_EQ(one.outgoing(id(3))->counters().sent, 100U);
}

TEST_F(Exchange, ForgetsWhatHangsOnAMemberThatLeft) {
  node(1).member_gone(id(2), true);
  EXPECT_FALSE(node(1).is_up(id(2)));
  EXPECT_EQ(node(1).incoming(id(2)), nullptr);
  node(1).member_gone(id(3), false);
  EXPECT_NE(node(1).incoming(id(3)), nullptr);
}

TEST_F(Exchange, GoesOnUnderAnotherId) {
  const auto say = [&](const char* text) {
    return node(1).send(id(2), carried{layer::actors, bytes(text)}, importance::data, now_);
  };
  ASSERT_FALSE(say("under way"));
  const auto under_way = node(1).take(now_).blobs;
  ASSERT_EQ(under_way.size(), 1U);
  ASSERT_FALSE(say("waiting"));
  nodes_.at(1).renewed(node_named(4));
  nodes_.emplace(4, std::move(nodes_.at(1)));
  nodes_.erase(1);
  for (const std::uint64_t n : {2, 3}) {
    node(n).member_gone(id(1), true);
    node(n).member_up(node_named(4), version_max);
  }
  EXPECT_EQ(node(2).receive(id(1), under_way[0].content.view(), now_), errc::unknown_peer);
  run();
  EXPECT_EQ(notices_[4].at(0), (link_notice{id(2), link_event::unconfirmed, 1}));
  ASSERT_EQ(delivered_[2].size(), 1U);
  EXPECT_EQ(delivered_[2][0].from, id(4));
  EXPECT_EQ(delivered_[2][0].what, message(carried{layer::actors, bytes("waiting")}));
}

TEST_F(Exchange, EndsByTheirTimeWhatItAskedUnderItsOldId) {
  const std::vector both{id(2), id(3)};
  ASSERT_TRUE(node(1).request(both, count_sockets{{}, "/", {}}, 5s, now_).has_value());
  (void)node(1).take(now_);
  node(1).renewed(node_named(4));
  const auto own = node(1).request_acks({}, true, {{}, 9s, image_of(R"(["age"])"), {}, {}}, now_);
  ASSERT_TRUE(own.has_value());
  node(1).hear(ack_expect{*own, 0}, now_);
  EXPECT_TRUE(node(1).take(now_).acks.at(0).complete);  // its own sockets answer as the new id
  node(1).tick(now_ + 5s);
  const auto ended = node(1).take(now_ + 5s).requests;
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_TRUE(ended[0].timed_out);
  EXPECT_EQ(ended[0].missing, (std::vector{node_named(2), node_named(3)}));
}

}  // namespace
}  // namespace gossamer::cluster
