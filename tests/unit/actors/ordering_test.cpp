// Invariants 1 and 2: nobody gets a message twice, and what one sender sends reaches each receiver
// in order.
//
//     senders                         receivers
//     sockets' handlers (all lanes)   sockets that stay, and one per lane that comes and goes
//     actors (lane, detached)         actors that are members of the room
//     foreign threads
//
// Every sender numbers what it sends, over all ways in turn: the room, the whole namespace, one
// socket, and a room of its own into which it puts a socket and takes it out again. Receivers check
// that a sender's numbers rise, and that those of each way have no gap. At the end they must have
// all that was for them, and nothing of a room that they were out of.
//
// Clients that come and go ("visitors") are handed to a sender, which puts its visitor into its own
// room, sends it a farewell, disconnects it, and sends more. The visitor must get all that this
// sender sent before, the farewell, then nothing.
//
// GOSSAMER_ORDERING_DELIVERIES says how many deliveries to make at least.
#include "tests/unit/actors/order_arena.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace gossamer::test {
namespace {

std::uint64_t wanted_deliveries() {
  if (const char* told = std::getenv("GOSSAMER_ORDERING_DELIVERIES")) {
    return std::strtoull(told, nullptr, 10);
  }
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
  return 100'000;
#else
  return 1'000'000;
#endif
}

}  // namespace

void arena::client_step(std::size_t which) {
  if (finished()) {
    --working_;
    return;
  }
  clients_[which]->says(R"(2["go"])");
  const auto over = static_cast<std::size_t>(from_[which].number) / batch;
  after(over, [this, which] {
    (void)clients_[which]->home().post([this, which] { client_step(which); });
  });
}

// Comes, stays a while, and is disconnected by one of the senders, or breaks the connection itself.
void arena::churn_step(std::size_t which) {
  auto& one = *clients_[which];
  one.end(close_reason::transport_close);
  if (done_) {
    --visiting_;
    return;
  }
  one.begin();
  const auto& here = core_->of("/").shard(one.home().index());
  const socket who(here.sockets.back()->ref());
  (void)who.join("all");
  const auto number = churned_++;
  const auto by = number % (senders + 1);
  if (by == senders) {
    after(number, [this, which] {
      (void)clients_[which]->home().post([this, which] {
        faults_[disorder] += clients_[which]->book->faults();
        churn_step(which);
      });
    });
    return;
  }
  const std::lock_guard lock(visits_mutex_);
  visits_[by].push_back({which, who.ref(), actor_of(who), number / (senders + 1) % 2 == 0});
}

// Behind all that sender `by` did to this client, which is on its lane.
void arena::check_visit(std::size_t client, std::size_t by, std::uint64_t rooms,
                        std::uint64_t nsps) {
  const auto& one = *clients_[client];
  const auto& book = *one.book;
  faults_[disorder] += book.faults();
  faults_[sent_after_end] += one.after_end;
  faults_[no_farewell] += book.from[by].seen[farewell] == 1 ? 0 : 1;
  for (const auto& each : book.from) faults_[came_too_late] += each.seen[too_late];
  faults_[not_ended] += one.over() ? 0 : 1;
  faults_[tail_lost] += book.is_up_to(by, by_room, rooms) ? 0 : 1;
  faults_[tail_lost] += book.is_up_to(by, by_nsp, nsps) ? 0 : 1;
}

// How sockets' handlers and foreign threads do it.
void arena::see_out_as(sender& from) {
  for (const auto& each : take_visits(from)) {
    const socket who(each.ref);
    const auto own = all().to(from.own_room());
    see_out(
        from, each,
        [&](const message& next) {
          refused_ += failures(who.join(from.own_room()));
          return next.emit_to(own);
        },
        [&] { (void)who.disconnect(each.close); },
        [&](const message& next) {
          (void)next.emit_to(who);  // says `disconnected` on its own lane
          return next.emit_to(own);
        });
  }
}

void arena::thread_loop(std::size_t which) {
  auto& from = from_[stable + which];
  while (!finished()) {
    send_batch(from, [&](const message& next) { return emit_as(from, next, all().to("all")); });
    see_out_as(from);
    on_lane(static_cast<std::size_t>(from.number) / batch % lane_count, [] {});
  }
}

// One batch of an actor: all but by_nsp as messages.
void arena::actor_step(caf::event_based_actor* self, sender& from, const actor_rooms& rooms) {
  send_batch(from, [&](const message& next) {
    const auto& target = handles_[from.target()];
    if (next.by == by_room) self->send(rooms.all, next.event());
    if (next.by == by_nsp) return all().emit("m", next.event().arguments);
    if (next.by == by_socket) self->send(target, next.event());
    if (next.by == while_in) {
      self->send(target, join_rooms{{from.own_room()}});
      // An actor's message promises the room nothing, so the emit goes the way of the join.
      self->send(target, next.event());
    }
    if (next.by == while_out) {
      self->send(target, leave_rooms{{from.own_room()}});
      self->send(rooms.own, next.event());
    }
    return error_code();
  });
  for (const auto& each : take_visits(from)) {
    see_out(
        from, each,
        [&](const message& next) {
          self->send(each.handle, join_rooms{{from.own_room()}});
          self->send(each.handle, next.event());
          return error_code();
        },
        [&] { self->send(each.handle, disconnect_socket{each.close}); },
        [&](const message& next) {
          self->send(each.handle, next.event());
          self->send(rooms.own, next.event());
          return error_code();
        });
  }
}

caf::behavior arena::speak(caf::event_based_actor* self, std::size_t which) {
  auto& from = from_[stable + threads + which];
  const actor_rooms rooms{room_of(all(), "all"), room_of(all(), from.own_room())};
  return {[this, self, rooms, &from](int) {
    if (finished()) {
      --working_;
      return;
    }
    actor_step(self, from, rooms);
    const auto over = static_cast<std::size_t>(from.number) / batch;
    after(over, [me = caf::actor_cast<caf::actor>(self)] { caf::anon_send(me, 1); });
  }};
}

void arena::start() {
  all().on_connection([this](socket s) { s.join("all"); });
  all().on("go", [this](socket s) {
    for (std::size_t i = 0; i < stable; ++i) {
      if (clients_[i]->ref != s.ref()) continue;
      auto& from = from_[i];
      send_batch(from, [&](const message& next) { return emit_as(from, next, s.to("all")); });
      see_out_as(from);
    }
  });
  core_->started();
  const auto clients = stable + lane_count;
  for (std::size_t i = 0; i < clients; ++i) {
    clients_.push_back(std::make_unique<order_client>(*core_, lanes().at(i % lane_count), senders));
  }
  for (std::size_t i = 0; i < stable; ++i) {
    on_lane(i % lane_count, [&] {
      clients_[i]->begin();
      auto* made = core_->of("/").shard(lane_index(i % lane_count)).sockets.back();
      clients_[i]->ref = made->ref();
      handles_.push_back(actor_of(socket(made->ref())));
    });
  }
  for (std::size_t i = 0; i < listeners; ++i) {
    const auto listen = [this, i](caf::event_based_actor* self, int) -> caf::behavior {
      self->join(room_of(all(), "all"));
      return {[this, i](const room_event& event) { heard_[i].take(event.arguments.items()); },
              [](int) { return 0; }};
    };
    listeners_.push_back(i == 0 ? system().spawn<caf::detached>(listen, 0)
                                : system().spawn(listen, 0));
    caf::scoped_actor self{system()};
    self->request(listeners_.back(), caf::infinite, 1).receive([](int) {}, [](caf::error&) {});
  }
  settle();
}

void arena::run() {
  start();
  const auto target = wanted_deliveries();
  const auto begin = clock::now();
  delivered = 0;
  working_ = stable + speakers;
  visiting_ = lane_count;
  for (std::size_t i = 0; i < stable; ++i) {
    (void)clients_[i]->home().post([this, i] { client_step(i); });
  }
  for (std::size_t i = stable; i < clients_.size(); ++i) {
    (void)clients_[i]->home().post([this, i] { churn_step(i); });
  }
  for (std::size_t i = 0; i < speakers; ++i) {
    const auto behave = [this, i](caf::event_based_actor* self, int) { return speak(self, i); };
    speakers_.push_back(i == 0 ? system().spawn<caf::detached>(behave, 0)
                               : system().spawn(behave, 0));
    caf::anon_send(speakers_.back(), 1);
  }
  {
    std::vector<std::jthread> foreign;
    for (std::size_t i = 0; i < threads; ++i) foreign.emplace_back([this, i] { thread_loop(i); });
    while (delivered.load(std::memory_order_relaxed) < target) settle();
    done_ = true;
  }
  while (working_ != 0) settle();
  settle();
  const std::chrono::duration<double> took = clock::now() - begin;
  std::printf("[ numbers  ] %llu deliveries in %.1f s, %llu comings and goings\n",
              static_cast<unsigned long long>(delivered.load()), took.count(),
              static_cast<unsigned long long>(churned_.load()));
  check();
  stop();
}

void arena::check() {
  EXPECT_EQ(refused_, 0U);
  for (std::size_t i = 0; i < faults; ++i) EXPECT_EQ(faults_[i], 0U) << "fault " << i;
  EXPECT_GT(churned_, 0U);
  for (auto& each : listeners_) {  // they have read what was sent to them before this
    caf::scoped_actor self{system()};
    self->request(each, caf::infinite, 1).receive([](int) {}, [](caf::error&) {});
  }
  for (std::size_t s = 0; s < senders; ++s) {
    const auto& from = from_[s];
    EXPECT_GT(from.number, 0) << "sender " << s;
    for (std::size_t i = 0; i < stable; ++i) {
      const auto& seen = clients_[i]->book->from[s].seen;
      const bool is_target = from.target() == i;
      EXPECT_EQ(seen[by_room], s == i ? 0 : from.sent[by_room]) << s << " to " << i;
      EXPECT_EQ(seen[by_nsp], from.sent[by_nsp]) << s << " to " << i;
      EXPECT_EQ(seen[by_socket], is_target ? from.sent[by_socket] : 0) << s << " to " << i;
      EXPECT_EQ(seen[while_in], is_target ? from.sent[while_in] : 0) << s << " to " << i;
      EXPECT_EQ(seen[while_out] + seen[farewell] + seen[too_late], 0U) << s << " to " << i;
    }
    for (const auto& book : heard_) {
      EXPECT_EQ(book.from[s].seen[by_room], from.sent[by_room]) << s;
    }
  }
  for (std::size_t i = 0; i < stable; ++i) {
    EXPECT_EQ(clients_[i]->book->faults(), 0U) << "client " << i;
    EXPECT_EQ(clients_[i]->after_end, 0U);
  }
  for (const auto& book : heard_) EXPECT_EQ(book.faults(), 0U);
}

void arena::stop() {
  handles_.clear();
  for (const auto& each : speakers_) caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  speakers_.clear();
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    on_lane(i % lane_count, [&] { clients_[i]->end(close_reason::transport_close); });
  }
  settle();
  listeners_.clear();
  core_->stopped();
  EXPECT_TRUE(runtime_->stop(milliseconds(20'000), {}));
}

namespace {

TEST(Ordering, IsFifoForEachSenderAndReceiverAndNothingComesTwice) {
  arena all;
  all.run();
}

}  // namespace
}  // namespace gossamer::test
