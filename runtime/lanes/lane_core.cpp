#include "runtime/lanes/lane_core.hpp"

#include "runtime/lanes/lane_asio.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>

namespace gossamer {

namespace {

int duplicate(int fd) {
  // Asio closes what it is given; an epoll fd's duplicate is the same set.
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) throw std::system_error(errno, std::system_category(), "a lane's epoll fd");
  return copy;
}

std::unique_ptr<random_source> random_of(const lane& which, const lane_options& options) {
  if (!options.seed) return std::make_unique<kernel_random>();
  return std::make_unique<seeded_random>(*options.seed + static_cast<std::uint8_t>(which.index()));
}

std::string label_of(const lane& which) {
  if (which.is_service()) return "service lane";
  return fmt::format("lane {}", static_cast<unsigned>(which.index()));
}

}  // namespace

boost::asio::io_context& context(lane& where) noexcept {
  return where.core().context;
}

lane_core::lane_core(lane& owner, const lane_options& options)
    : self(owner),
      virtual_time(options.time),
      log(options.log),
      slow_turn(options.slow_turn),
      label(label_of(owner)),
      clients_ready(context, duplicate(fds.clients_fd())),
      control_ready(context, duplicate(fds.control_fd())),
      box(options.inbox_bytes_max),
      wheel(read_clock()),
      read_buffer(read_buffer_bytes),
      random(random_of(owner, options)) {}

void lane_core::poke() noexcept {
  wakes.fetch_add(1, std::memory_order_relaxed);
  fds.wake();
}

void lane_core::request_exit() noexcept {
  exit_requested.store(true);
  poke();
}

void lane_core::run() {
  while (!exit_requested.load()) {
    wait_for_work();
    turn();
  }
  drop_rest();
  mark.set_idle();
}

// For a lane without a thread: what it would do when woken. False if there was nothing to do, nor
// is now; whoever posts from then on makes the poller's fd ready.
bool lane_core::turn_once() {
  self.clock_stale_ = true;
  if (context.stopped()) context.restart();
  guarded([&] { context.poll(); });
  fds_ready = true;
  const auto work_done = [&] {
    return delivered.get() + jobs_run.get() + timers_fired.get() + flushes.get();
  };
  const auto before = work_done();
  turn();
  const bool more =
      has_work() || !box.try_sleep() || (jobs != nullptr && jobs->pending()) || resumes.load() != 0;
  mark.set_idle();
  return more || fds_found || work_done() != before;
}

void lane_core::drop_rest() noexcept {
  todo.append(box.close());
  box_closed.store(true);
  std::size_t dropped = 0;
  while (const auto each = todo.pop_front()) {
    if (each->cost_bytes != 0) ++dropped;  // markers of drain_lanes cost nothing
  }
  dropped_at_exit.store(dropped);
  wake_waiting();
}

// Lets Asio run one handler: ours, which says that an fd is ready, or another one.
void lane_core::wait_for_work() {
  arm_wait();
  const bool busy = has_work() || !box.try_sleep() || (jobs != nullptr && jobs->pending()) ||
                    resumes.load() != 0 || exit_requested.load();
  self.clock_stale_ = true;
  if (context.stopped()) context.restart();
  guarded([&] {
    if (busy) {
      context.poll_one();
    } else {
      mark.set_idle();
      context.run_one();
    }
  });
}

bool lane_core::has_work() noexcept {
  if (!todo.empty() || !dirty.empty()) return true;
  const auto due = wheel.next_due();
  if (!due) return false;
  if (*due <= self.now()) return true;
  if (virtual_time == nullptr && (*due < timer_set || timer_set <= self.now())) {
    timer_set = *due;
    fds.wake_at(*due);
  }
  return false;
}

void lane_core::arm_wait() {
  const bool paused = paused_on != 0;
  bool& waiting_now = paused ? waiting_control : waiting_clients;
  if (waiting_now) return;
  waiting_now = true;
  auto& ready = paused ? control_ready : clients_ready;
  ready.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                   [this, &waiting_now](const error_code&) {
                     waiting_now = false;
                     fds_ready = true;
                   });
}

void lane_core::turn() {
  const auto began = self.now();
  mark.set_busy_since(began);
  take_resumes();
  if (fds_ready) poll_fds();
  run_deliveries();
  if (jobs != nullptr) guarded([&] { jobs_run.add(jobs->run_slice(self)); });
  if (timers_may_run(began)) run_timers();
  run_flushes();
  finish_turn(began);
}

void lane_core::poll_fds() {
  fds_ready = false;
  batch = fds.poll(paused_on != 0, event_room);
  fds_found = !batch.empty();
  if (batch.size() < event_room.size()) timers_wait_until = {};
  while (!batch.empty()) {
    const epoll_event event = batch.front();
    batch = batch.subspan(1);
    auto* who = static_cast<pollable*>(event.data.ptr);
    if (who == nullptr) continue;  // forgotten in this turn
    reporting = who;
    const bool fine = guarded([&] { who->on_ready(event.events); });
    if (!fine && reporting == who) who->on_failed();
  }
  reporting = nullptr;
}

void lane_core::run_deliveries() {
  todo.append(box.take());
  const auto stop_at = self.now() + delivery_slice;
  std::size_t cost = 0;
  for (std::size_t n = 0; n < deliveries_per_turn; ++n) {
    if (n % 16 == 15 && read_clock() > stop_at) break;
    auto next = todo.pop_front();
    if (!next) break;
    accepted[static_cast<std::size_t>(delivery_list::kind_of(*next))].add();
    cost += next->cost_bytes;
    next->run(self);
    delivered.add();
  }
  if (cost != 0) release_bytes(cost);
}

// A pong that came while a handler held the lane must be seen before the timer that waits for it.
bool lane_core::timers_may_run(time_point began) {
  self.refresh();
  const auto now = self.now();
  const bool waits = timers_wait_until != time_point{};
  if (!waits && now - began >= late_turn) {
    timers_wait_until = now + timers_wait_max;
  } else if (!waits || now >= timers_wait_until) {
    timers_wait_until = {};
    return true;
  }
  fds_ready = true;  // the next turn looks, even if the kernel has said nothing new
  return false;
}

void lane_core::run_timers() {
  self.refresh();
  for (std::size_t n = 0; n < timers_per_turn; ++n) {
    timer* due = wheel.pop_expired(self.now());
    if (due == nullptr) return;
    timers_fired.add();
    guarded([&] { due->on_timer(self.now()); });
  }
}

// Only what is marked now: marks set by a flush are for the next turn.
void lane_core::run_flushes() {
  detail::intrusive_list marked;
  marked.splice(dirty);
  while (auto* link = marked.pop_front()) {
    flushes.add();
    guarded([&] { static_cast<flushable*>(link)->flush(); });
  }
}

void lane_core::finish_turn(time_point began) {
  self.refresh();
  const auto held = self.now() - began;
  turns.add();
  times.add(held);
  if (held.count() > longest_turn.load(std::memory_order_relaxed)) {
    longest_turn.store(held.count(), std::memory_order_relaxed);
  }
  if (held >= slow_turn) report_slow(held, last_name);
  slow_reported = false;
  last_name = {};
}

}  // namespace gossamer
