#include "runtime/lanes/lane.hpp"

#include "runtime/base/check.hpp"
#include "runtime/lanes/lane_core.hpp"

namespace gossamer {

namespace {

thread_local lane* current_lane = nullptr;

// This thread is the lane's meanwhile.
struct current_scope {
  explicit current_scope(lane* here) : before(std::exchange(current_lane, here)) {}
  current_scope(const current_scope&) = delete;
  current_scope& operator=(const current_scope&) = delete;
  ~current_scope() { current_lane = before; }
  lane* before;
};

}  // namespace

lane::lane(lane_index index, bool is_service, const lane_options& options, const lane_group* group)
    : index_(index),
      is_service_(is_service),
      group_(group),
      core_(std::make_unique<lane_core>(*this, options)) {}

lane::~lane() = default;

lane* lane::current() noexcept {
  return current_lane;
}

const lane_group* lane::current_group() noexcept {
  const lane* here = current_lane;
  return here == nullptr || here->is_service_ ? nullptr : here->group_;
}

void lane::run() {
  const current_scope here(this);
  core_->run();
}

bool lane::turn_once() {
  const current_scope here(this);
  return core_->turn_once();
}

void lane::end_turns() {
  const current_scope here(this);
  core_->drop_rest();
}

void lane::check() const {
  GOSSAMER_CHECK(is_current());
}

const logger& lane::log() const noexcept {
  return core_->log;
}

void lane::refresh() const noexcept {
  now_ = core_->read_clock();
  clock_stale_ = false;
}

post_result lane::post(std::unique_ptr<delivery> what, post_kind kind) {
  lane* from = current_lane;
  const bool feeds = from != nullptr && !from->is_service();
  const auto pushed =
      core_->box.push(what, kind, feeds ? inbox::sender::lane : inbox::sender::other);
  if (pushed.wake) core_->poke();
  if (pushed.congested) from->core_->pause_for(*core_);
  return pushed.result;
}

bool lane::congested() const noexcept {
  return core_->box.congested();
}

void lane::arm(timer& t, time_point when) {
  check();
  core_->wheel.arm(t, when);
}

duration lane::jittered(duration base, double fraction) {
  return gossamer::jittered(base, fraction, *core_->random);
}

random_source& lane::random() noexcept {
  return *core_->random;
}

result<void> lane::watch(int fd, pollable& who, std::uint32_t events) {
  check();
  return core_->fds.add(fd, who, events);
}

result<void> lane::modify(int fd, pollable& who, std::uint32_t events) {
  check();
  return core_->fds.modify(fd, who, events);
}

void lane::forget(int fd, pollable& who) noexcept {
  core_->fds.remove(fd);
  for (auto& event : core_->batch) {
    if (event.data.ptr == &who) event.data.ptr = nullptr;
  }
  if (core_->reporting == &who) core_->reporting = nullptr;
}

std::span<char> lane::read_buffer() noexcept {
  return core_->read_buffer;
}

void lane::mark_dirty(flushable& what) {
  check();
  if (!what.flush_marked()) core_->dirty.push_back(what);
}

void lane::enter(std::string_view handler_name) noexcept {
  core_->enter(handler_name);
}
void lane::leave() noexcept {
  core_->leave();
}
void lane::report_exception() noexcept {
  core_->report_exception();
}

lane_stats lane::stats() const {
  const auto& core = *core_;
  lane_stats now;
  now.turns = core.turns.get();
  now.wakes = core.wakes.load();
  for (std::size_t i = 0; i < post_kinds; ++i) now.accepted[i] = core.accepted[i].get();
  now.refused = core.box.refused();
  now.delivered = core.delivered.get();
  now.queue_bytes = core.box.bytes();
  now.pauses = core.pauses.get();
  now.timers_fired = core.timers_fired.get();
  now.flushes = core.flushes.get();
  now.exceptions = core.exceptions.load();
  now.slow_turns = core.slow_turns.get();
  now.longest_turn = duration(core.longest_turn.load());
  now.connections = connections();
  now.paused = core.paused_now.load();
  return now;
}

}  // namespace gossamer
