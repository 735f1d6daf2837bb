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
// that a sender's numbers rise. At the end they must have all that was for them, and nothing of a
// room that they were out of.
//
// GOSSAMER_ORDERING_DELIVERIES says how many deliveries to make at least.
#include "actors/include/gossamer/actors.hpp"
#include "runtime/lanes/actors_caf.hpp"
#include "tests/unit/actors/fake_clients.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <thread>
#include <vector>

namespace gossamer {
namespace {

using test::fake_handshake;

constexpr std::size_t lane_count = 3;
constexpr std::size_t stable = 12;  // clients that stay
constexpr std::size_t threads = 2;
constexpr std::size_t speakers = 3;  // actors that send
constexpr std::size_t listeners = 3;
constexpr std::size_t senders = stable + threads + speakers;
constexpr int batch = 10;

enum way : std::uint8_t { by_room, by_nsp, by_socket, while_in, while_out, ways };

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

std::atomic<std::uint64_t> delivered{0};

// What one receiver has seen. Touched by one thread at a time.
struct ledger {
  std::array<std::int64_t, senders> last;
  std::array<std::array<std::uint64_t, ways>, senders> seen{};
  std::uint64_t inversions = 0;
  std::uint64_t garbled = 0;

  ledger() { last.fill(-1); }
  // "sender,number,way"
  void take(std::string_view items) {
    std::array<std::int64_t, 3> value{};
    const char* at = items.data();
    for (auto& each : value) {
      const auto read = std::from_chars(at, items.data() + items.size(), each);
      if (read.ec != std::errc()) {
        ++garbled;
        return;
      }
      at = read.ptr + 1;
    }
    const auto from = static_cast<std::size_t>(value[0]);
    if (value[1] <= last.at(from)) ++inversions;
    last[from] = value[1];
    ++seen[from].at(static_cast<std::size_t>(value[2]));
    delivered.fetch_add(1, std::memory_order_relaxed);
  }
};

// A session whose frames are read at once. On its lane.
class order_client final : public connection {
 public:
  order_client(detail::server_core& server, lane& home) : server_(server), home_(home) {}
  void begin() {
    id_ = session_id(home_.random(), {}, home_.index());
    gone_ = false;
    client_ = server_.on_session(*this);
    client_->on_text("0");
  }
  void says(std::string_view text) {
    if (client_ != nullptr && !gone_) client_->on_text(text);
  }
  void end(close_reason why) {
    if (client_ == nullptr) return;
    gone_ = true;
    client_->on_close(why);
    client_.reset();
  }
  [[nodiscard]] lane& home() const override { return home_; }
  [[nodiscard]] const session_id& id() const override { return id_; }
  [[nodiscard]] int revision() const override { return 4; }
  [[nodiscard]] transport_kind transport() const override { return transport_kind::websocket; }
  [[nodiscard]] std::shared_ptr<const handshake_info> handshake() const override { return info_; }
  send_status send(std::span<const shared_frame> frames) override {
    if (gone_) {
      ++after_end;
      return send_status::closed;
    }
    const auto text = frames.front().payload();
    constexpr std::string_view start = "42[\"m\",";
    if (text.starts_with(start)) book->take(text.substr(start.size()));
    return send_status::queued;
  }
  [[nodiscard]] bool ready_for_volatile() const override { return true; }
  [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
  void check_budget() override {}
  void close(close_reason reason) override {
    (void)home_.post([this, reason] { end(reason); });
  }

  std::unique_ptr<ledger> book = std::make_unique<ledger>();
  std::uint64_t after_end = 0;
  detail::socket_ref ref;  // of a stable client, set by its connection handler

 private:
  detail::server_core& server_;
  lane& home_;
  session_id id_;
  std::shared_ptr<const handshake_info> info_ = std::make_shared<fake_handshake>();
  std::unique_ptr<client> client_;
  bool gone_ = true;
};

// One sender's numbers.
struct sender {
  std::size_t index = 0;
  std::int64_t number = 0;
  std::array<std::uint64_t, ways> sent{};
  std::size_t target() const { return (index * 7 + 3) % stable; }
  std::string own_room() const { return "own" + std::to_string(index); }
};

std::uint64_t failures(const error_code& code) {
  return code ? 1 : 0;
}

class arena {
 public:
  arena() {
    lane_options options;
    options.lanes = lane_count;
    options.inbox_bytes_max = std::size_t{1} << 32;  // nothing is refused: everything must arrive
    runtime_ = detail::own_runtime(std::move(options));
    core_ = std::make_unique<detail::server_core>(lanes(), detail::socketio_options(), logger());
    for (std::size_t i = 0; i < senders; ++i) from_[i].index = i;
  }
  lane_group& lanes() { return runtime_->lanes(); }
  nsp all() { return nsp(core_->of("/")); }
  caf::actor_system& system() { return runtime_->system(); }

  void run();

 private:
  void start();
  void check();
  void stop();
  // One batch of a sender; `emit(way, number)` does the sending.
  template <class Emit>
  void send_batch(sender& from, Emit&& emit) {
    for (int i = 0; i < batch; ++i) {
      const auto by = static_cast<way>(from.number % ways);
      refused_ += failures(emit(by, from.number));
      ++from.sent[by];
      ++from.number;
    }
  }
  // How sockets' handlers, foreign threads and actors (but for groups) do it: the room is somebody
  // else's business.
  error_code emit_as(sender& from, way by, std::int64_t number, const broadcast_operator& room) {
    const auto emit = [&](const auto& to) { return to.emit("m", from.index, number, int{by}); };
    const socket target(clients_[from.target()]->ref);
    switch (by) {
      case by_room: return emit(room);
      case by_nsp: return emit(all().all());
      case by_socket: return emit(target);
      case while_in:
        refused_ += failures(target.join(from.own_room()));
        return emit(all().to(from.own_room()));
      default:
        refused_ += failures(target.leave(from.own_room()));
        return emit(all().to(from.own_room()));
    }
  }
  // Calls `go_on` when what this sender has posted to lane `over` has been taken from its queue.
  void after(std::size_t over, std::function<void()> go_on) {
    (void)lanes().at(over % lane_count).post(std::move(go_on));
  }
  void client_step(std::size_t which);
  void churn_step(std::size_t which);
  void thread_loop(std::size_t which);
  caf::behavior speak(caf::event_based_actor* self, std::size_t which);
  void on_lane(std::size_t index, const std::function<void()>& what) {
    std::promise<void> done;
    (void)lanes().at(index).post([&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }
  void settle() {
    for (std::size_t round = 0; round < 4; ++round) {
      for (std::size_t i = 0; i < lane_count; ++i) on_lane(i, [] {});
    }
  }

  std::unique_ptr<detail::runtime_side> runtime_;
  std::unique_ptr<detail::server_core> core_;
  std::vector<std::unique_ptr<order_client>>
      clients_;  // the stable ones, then those that come and go
  std::array<sender, senders> from_;
  std::array<ledger, listeners> heard_;
  std::vector<caf::actor> listeners_;
  std::vector<caf::actor> speakers_;
  std::vector<caf::actor> handles_;  // the stable clients' actors
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> churned_{0};
  std::atomic<std::uint64_t> churn_faults_{0};
  std::atomic<std::size_t> working_{0};
  std::atomic<bool> done_{false};
};

void arena::client_step(std::size_t which) {
  if (done_) {
    --working_;
    return;
  }
  clients_[which]->says(R"(2["go"])");
  const auto over = static_cast<std::size_t>(from_[which].number) / batch;
  after(over, [this, which] {
    (void)clients_[which]->home().post([this, which] { client_step(which); });
  });
}

// Comes, stays a while, and is disconnected in one of several ways.
void arena::churn_step(std::size_t which) {
  auto& one = *clients_[which];
  one.end(close_reason::transport_close);
  churn_faults_ += one.book->inversions + one.book->garbled + one.after_end;
  if (done_) {
    --working_;
    return;
  }
  one.book = std::make_unique<ledger>();
  one.begin();
  const auto& here = core_->of("/").shard(one.home().index());
  const auto ref = here.sockets.back()->ref();
  (void)socket(ref).join("all");
  const auto number = churned_++;
  after(number, [this, which, ref, number] {
    if (number % 3 == 0) (void)socket(ref).disconnect();
    if (number % 3 == 1) (void)socket(ref).disconnect(true);
    (void)clients_[which]->home().post([this, which] { churn_step(which); });
  });
}

void arena::thread_loop(std::size_t which) {
  auto& from = from_[stable + which];
  while (!done_) {
    send_batch(from, [&](way by, std::int64_t number) {
      return emit_as(from, by, number, all().to("all"));
    });
    on_lane(static_cast<std::size_t>(from.number) / batch % lane_count, [] {});
  }
}

caf::behavior arena::speak(caf::event_based_actor* self, std::size_t which) {
  auto& from = from_[stable + threads + which];
  const auto room = room_of(all(), "all");
  const auto own = room_of(all(), from.own_room());
  return {[this, self, room, own, &from](int) {
    if (done_) {
      --working_;
      return;
    }
    send_batch(from, [&](way by, std::int64_t number) {
      const auto text =
          std::to_string(from.index) + "," + std::to_string(number) + "," + std::to_string(int{by});
      emit_event event{"m", args(text, 3)};
      const auto& target = handles_[from.target()];
      if (by == by_room) self->send(room, std::move(event));
      if (by == by_nsp) return all().emit("m", event.arguments);
      if (by == by_socket) self->send(target, std::move(event));
      if (by == while_in) {
        self->send(target, join_rooms{{from.own_room()}});
        // An actor's message promises the room nothing, so the emit goes the way of the join.
        self->send(target, std::move(event));
      }
      if (by == while_out) {
        self->send(target, leave_rooms{{from.own_room()}});
        self->send(own, std::move(event));
      }
      return error_code();
    });
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
      send_batch(from, [&](way by, std::int64_t number) {
        return emit_as(from, by, number, s.to("all"));
      });
    }
  });
  core_->started();
  const auto clients = stable + lane_count;
  for (std::size_t i = 0; i < clients; ++i) {
    clients_.push_back(std::make_unique<order_client>(*core_, lanes().at(i % lane_count)));
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
  working_ = stable + lane_count + speakers;
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
  EXPECT_EQ(churn_faults_, 0U);
  EXPECT_GT(churned_, 0U);
  for (auto& each : listeners_) {  // they have read what was sent to them before this
    caf::scoped_actor self{system()};
    self->request(each, caf::infinite, 1).receive([](int) {}, [](caf::error&) {});
  }
  for (std::size_t s = 0; s < senders; ++s) {
    const auto& from = from_[s];
    EXPECT_GT(from.number, 0) << "sender " << s;
    const bool actor = s >= stable + threads;
    for (std::size_t i = 0; i < stable; ++i) {
      const auto& book = *clients_[i]->book;
      const bool is_target = from.target() == i;
      EXPECT_EQ(book.seen[s][by_room], s == i ? 0 : from.sent[by_room]) << s << " to " << i;
      EXPECT_EQ(book.seen[s][by_nsp], from.sent[by_nsp]) << s << " to " << i;
      EXPECT_EQ(book.seen[s][by_socket], is_target ? from.sent[by_socket] : 0) << s << " to " << i;
      EXPECT_EQ(book.seen[s][while_in], is_target ? from.sent[while_in] : 0) << s << " to " << i;
      EXPECT_EQ(book.seen[s][while_out], 0U) << s << " to " << i << (actor ? ", an actor" : "");
    }
    for (const auto& book : heard_) EXPECT_EQ(book.seen[s][by_room], from.sent[by_room]) << s;
  }
  for (std::size_t i = 0; i < stable; ++i) {
    EXPECT_EQ(clients_[i]->book->inversions, 0U);
    EXPECT_EQ(clients_[i]->book->garbled, 0U);
    EXPECT_EQ(clients_[i]->after_end, 0U);
  }
  for (const auto& book : heard_) EXPECT_EQ(book.inversions + book.garbled, 0U);
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

TEST(Ordering, IsFifoForEachSenderAndReceiverAndNothingComesTwice) {
  arena all;
  all.run();
}

}  // namespace
}  // namespace gossamer
