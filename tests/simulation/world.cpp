#include "tests/simulation/world.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <utility>

namespace gossamer::simulation {

namespace {

constexpr time_point never = time_point::max();
constexpr std::uint32_t first_ip = 0x0a000001U;
constexpr std::uint16_t port = 7946;
constexpr std::uint64_t wall_at_start = 1'800'000'000'000'000;

}  // namespace

struct world::machine final : environment {
  machine(world& w, std::size_t i) : owner(w), index(i), random_(w.random_.next()) {}

  void send_datagram(const address& to, std::string bytes) override {
    owner.post_datagram(index, to, std::move(bytes));
  }
  void send_link(const address& to, std::string bytes) override {
    owner.post_link(index, to, std::move(bytes));
  }
  [[nodiscard]] std::uint64_t wall_microseconds() const override {
    const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(owner.elapsed());
    return wall_at_start + static_cast<std::uint64_t>(passed.count() + wall_offset);
  }
  [[nodiscard]] random_source& random() override { return random_; }
  void trace(std::string_view line) override {
    if (owner.tracing_) owner.trace(fmt::format("n{} {}", index, line));
  }

  world& owner;
  std::size_t index;
  seeded_random random_;
  std::unique_ptr<node> process;
  std::uint64_t boot = 0;
  std::int64_t wall_offset = 0;
  std::uint64_t persisted_epoch = 0;
  bool paused = false;
  time_point resume_at;
  duration slow_by{};
  std::size_t buffer_max = socket_buffer_max;
  std::deque<parcel> backlog;
  time_point scheduled = never;
};

struct world::event {
  time_point when;
  std::uint64_t order;
  std::function<void()> what;
};

struct world::later {
  bool operator()(const event& a, const event& b) const {
    return std::tie(a.when, a.order) > std::tie(b.when, b.order);
  }
};

world::world(std::uint64_t seed, std::size_t machines, node_factory factory)
    : random_(seed),
      network_(random_),
      factory_(std::move(factory)),
      began_(std::chrono::hours(1000)),
      now_(began_) {
  for (std::size_t i = 0; i < machines; ++i)
    machines_.push_back(std::make_unique<machine>(*this, i));
}

world::~world() = default;

address world::address_of(std::size_t machine) {
  return address::v4(first_ip + static_cast<std::uint32_t>(machine), port);
}

std::size_t world::machine_at(const address& at) const {
  if (!at.is_v4() || at.port != port) return machines_.size();
  std::uint32_t ip = 0;
  for (std::size_t i = 12; i < 16; ++i) ip = (ip << 8U) | at.ip[i];
  return std::min<std::size_t>(ip - first_ip, machines_.size());
}

void world::at(time_point when, std::function<void()> what) {
  events_.push_back({std::max(when, now_), next_event_++, std::move(what)});
  std::push_heap(events_.begin(), events_.end(), later{});
}

bool world::step(time_point until) {
  if (events_.empty() || events_.front().when > until) return false;
  std::pop_heap(events_.begin(), events_.end(), later{});
  event e = std::move(events_.back());
  events_.pop_back();
  now_ = e.when;
  e.what();
  return true;
}

void world::run_until(time_point until) {
  while (step(until)) {
  }
  now_ = std::max(now_, until);
}

bool world::run_until_true(time_point limit, const std::function<bool()>& done) {
  while (!done()) {
    if (!step(limit)) {
      now_ = std::max(now_, limit);
      return done();
    }
  }
  return true;
}

void world::boot(std::size_t index) {
  machine& m = *machines_[index];
  if (m.process) return;
  m.boot = ++boots_;
  m.paused = false;
  m.backlog.clear();
  m.process = factory_(m, {index, address_of(index), m.boot, m.persisted_epoch});
  trace(fmt::format("n{} boots", index));
  m.process->start(now_);
  after_call(index);
}

void world::crash(std::size_t index) {
  machine& m = *machines_[index];
  if (!m.process) return;
  trace(fmt::format("n{} crashes", index));
  m.process.reset();
  m.backlog.clear();
  m.scheduled = never;
  break_links_of(index);
}

void world::leave(std::size_t index) {
  machine& m = *machines_[index];
  if (!m.process || m.paused) return;
  trace(fmt::format("n{} leaves", index));
  m.process->leave(now_);
  after_call(index);
}

void world::pause(std::size_t index, duration d) {
  machine& m = *machines_[index];
  if (!m.process || m.paused) return;
  trace(fmt::format("n{} stands still for {} ms", index, d / milliseconds(1)));
  m.paused = true;
  at(now_ + d, [this, index, boot = m.boot] { resume(index, boot); });
}

void world::resume(std::size_t index, std::uint64_t boot) {
  machine& m = *machines_[index];
  if (!m.process || m.boot != boot || !m.paused) return;
  trace(fmt::format("n{} goes on", index));
  m.paused = false;
  // What waits in the socket is read before the timers run.
  const std::deque<parcel> waiting = std::exchange(m.backlog, {});
  for (const parcel& p : waiting) {
    if (m.process) deliver(m, p);
  }
  if (!m.process) return;
  if (m.process->wake() <= now_) m.process->tick(now_);
  after_call(index);
}

void world::step_clock(std::size_t index, std::int64_t microseconds) {
  machines_[index]->wall_offset += microseconds;
}

void world::forget_disk(std::size_t index) {
  machines_[index]->persisted_epoch = 0;
}
void world::slow_down(std::size_t index, duration by) {
  machines_[index]->slow_by = by;
}
void world::limit_buffer(std::size_t index, std::size_t datagrams) {
  machines_[index]->buffer_max = datagrams;
}
void world::persist_epoch(std::size_t index, std::uint64_t epoch) {
  machines_[index]->persisted_epoch = epoch;
}

void world::inject(std::size_t index, std::size_t from, std::string bytes) {
  arrive(index, {from, parcel_kind::datagram, std::move(bytes)});
}

node* world::process(std::size_t index) {
  return machines_[index]->process.get();
}
bool world::is_up(std::size_t index) const {
  return machines_[index]->process != nullptr;
}
bool world::is_paused(std::size_t index) const {
  return machines_[index]->paused;
}
std::uint64_t world::boot_of(std::size_t index) const {
  return machines_[index]->boot;
}

void world::visit(std::size_t index, const std::function<void(node&)>& what) {
  machine& m = *machines_[index];
  if (!m.process || m.paused) return;
  what(*m.process);
  after_call(index);
}

void world::trace(std::string_view line) {
  if (!tracing_) return;
  transcript_.push_back(fmt::format("{:9.3f} {}", at_seconds(now_), line));
}

void world::post_datagram(std::size_t from, const address& to, std::string bytes) {
  ++traffic_.datagrams;
  traffic_.datagram_bytes += bytes.size() + 28;
  const std::size_t target = machine_at(to);
  if (target == machines_.size() || !network_.datagram_reaches(from, target)) return;
  const std::vector<duration> copies = network_.fate();
  for (const duration delay : copies) {
    at(now_ + delay + machines_[target]->slow_by,
       [this, target, p = parcel{from, parcel_kind::datagram, bytes}]() mutable {
         arrive(target, std::move(p));
       });
  }
}

void world::arrive(std::size_t at, parcel&& p) {
  machine& m = *machines_[at];
  if (!m.process) return;
  if (m.paused) {
    if (m.backlog.size() < m.buffer_max || p.kind != parcel_kind::datagram) {
      m.backlog.push_back(std::move(p));
    } else {
      ++traffic_.overflowed;
    }
    return;
  }
  deliver(m, p);
  after_call(at);
}

void world::deliver(machine& m, const parcel& p) {
  const address from = address_of(p.from);
  switch (p.kind) {
    case parcel_kind::datagram: return m.process->datagram(now_, from, p.bytes);
    case parcel_kind::over_link: return m.process->link_message(now_, from, p.bytes);
    case parcel_kind::link_lost: return m.process->link_lost(now_, from);
  }
}

void world::after_call(std::size_t index) {
  machine& m = *machines_[index];
  if (m.process && m.process->stopped()) {
    trace(fmt::format("n{} ends", index));
    m.process.reset();
    m.scheduled = never;
    break_links_of(index);
    return;
  }
  reschedule(index);
}

void world::reschedule(std::size_t index) {
  machine& m = *machines_[index];
  const time_point wake = m.process->wake();
  if (wake == never) return;
  const time_point when = std::max(wake + m.slow_by, now_);
  if (when >= m.scheduled && m.scheduled >= now_) return;
  m.scheduled = when;
  at(when, [this, index, when] { tick(index, when); });
}

void world::tick(std::size_t index, time_point scheduled) {
  machine& m = *machines_[index];
  if (!m.process || m.scheduled != scheduled) return;
  m.scheduled = never;
  if (m.paused) return;
  if (m.process->wake() <= now_) m.process->tick(now_);
  after_call(index);
}

}  // namespace gossamer::simulation
