#include "actors/recovery_log.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gossamer::detail {
namespace {

constexpr int offset_base = 36;
constexpr std::size_t event_overhead = 96;
constexpr unsigned lane_bits = 6;

}  // namespace

std::string to_text(recovery_offset offset) {
  char text[16];
  const auto done = std::to_chars(std::begin(text), std::end(text), offset, offset_base);
  return {text, done.ptr};
}

std::optional<recovery_offset> offset_of(std::string_view text) {
  recovery_offset offset = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, offset, offset_base);
  if (read.ec != std::errc() || read.ptr != end || to_text(offset) != text) return std::nullopt;
  return offset;
}

recovery_log::recovery_log(const recovery_limits& limits, lane_index lane)
    : limits_(limits), lane_(lane) {}

recovery_log::~recovery_log() = default;

// -- events ---------------------------------------------------------------------------------------

recovery_offset recovery_log::next_offset() {
  return (++last_offset_ << lane_bits) | static_cast<std::uint64_t>(lane_);
}

std::uint64_t recovery_log::add(kept_event event, time_point now) {
  const auto cost = event.frames.size_bytes() + event_overhead;
  events_.push_back({std::move(event), now, cost});
  bytes_ += cost;
  trim();
  return first_ + events_.size() - 1;  // may be gone already
}

const recovery_log::entry* recovery_log::at(std::uint64_t position) const {
  const auto index = position - first_;
  return position < first_ || index >= events_.size() ? nullptr : &events_[index];
}

void recovery_log::pop_event() {
  bytes_ -= events_.front().cost;
  events_.pop_front();
  ++first_;
}

void recovery_log::trim() {
  while (bytes_ > limits_.bytes_max && !events_.empty()) {
    pop_event();
    ++dropped_;
  }
}

// Forgets positions whose events are gone.
void recovery_log::prune(recovery_tail& tail) const {
  while (tail.begin < tail.positions.size() && tail.positions[tail.begin] < first_) {
    ++tail.begin;
    tail.base.reset();
    tail.cut = true;
  }
  if (tail.begin == 0 || tail.begin * 2 < tail.positions.size()) return;
  using difference = std::vector<std::uint64_t>::difference_type;
  tail.positions.erase(tail.positions.begin(),
                       tail.positions.begin() + static_cast<difference>(tail.begin));
  tail.begin = 0;
}

// A client that has the first event does not need it any more.
void recovery_log::cut_front(recovery_tail& tail) const {
  const auto* first = at(tail.positions[tail.begin]);
  ++tail.begin;
  tail.cut = true;
  tail.base.reset();
  if (first != nullptr) tail.base = first->event.offset;
}

void recovery_log::record(recovery_tail& tail, std::uint64_t position) {
  prune(tail);
  if (tail.size() >= limits_.tail_max) cut_front(tail);
  tail.positions.push_back(position);
}

// Where what came after `offset` begins in the tail.
std::optional<std::size_t> recovery_log::place_after(const recovery_tail& tail,
                                                     recovery_offset offset) const {
  auto from = tail.begin;
  while (from < tail.positions.size() && tail.positions[from] < first_) ++from;
  if (from == tail.begin && tail.base == offset) return from;
  while (from < tail.positions.size() && at(tail.positions[from])->event.offset != offset) ++from;
  if (from == tail.positions.size()) return std::nullopt;
  return from + 1;
}

bool recovery_log::has_since(const recovery_tail& tail, recovery_offset offset) const {
  return place_after(tail, offset).has_value();
}

std::optional<std::vector<kept_event>> recovery_log::since(const recovery_tail& tail,
                                                           recovery_offset offset) const {
  const auto from = place_after(tail, offset);
  if (!from) return std::nullopt;
  std::vector<kept_event> missed;
  missed.reserve(tail.positions.size() - *from);
  for (auto i = *from; i < tail.positions.size(); ++i) {
    missed.push_back(at(tail.positions[i])->event);
  }
  return missed;
}

// -- sessions -------------------------------------------------------------------------------------

std::vector<away_session> recovery_log::put(away_session session_in, time_point now) {
  auto gone = expire(now);
  const auto pid = session_in.pid;
  if (auto before = take(pid)) gone.push_back(std::move(*before));
  while (!sessions_.empty() && sessions_.size() >= limits_.sessions_max) {
    gone.push_back(remove(*by_age_.begin()->second));
    ++evicted_;
  }
  auto made = std::make_unique<session>();
  made->it = std::move(session_in);
  made->order = ++last_order_;
  by_age_.emplace(made->order, made.get());
  for (const auto* room : made->it.rooms) by_room_[room].push_back(made.get());
  by_nsp_[made->it.nsp].push_back(made.get());
  by_id_.emplace(made->it.id, made.get());
  sessions_.emplace(pid, std::move(made));
  return gone;
}

const away_session* recovery_log::find(const session_id& pid) const {
  const auto found = sessions_.find(pid);
  return found == sessions_.end() ? nullptr : &found->second->it;
}

std::optional<away_session> recovery_log::take(const session_id& pid) {
  const auto found = sessions_.find(pid);
  if (found == sessions_.end()) return std::nullopt;
  return remove(*found->second);
}

away_session recovery_log::remove(session& gone) {
  const auto forget = [&gone](auto& index, const void* key) {
    const auto found = index.find(key);
    auto& list = found->second;
    const auto place = std::find(list.begin(), list.end(), &gone);
    *place = list.back();
    list.pop_back();
    if (list.empty()) index.erase(found);
  };
  for (const auto* room : gone.it.rooms) forget(by_room_, room);
  forget(by_nsp_, gone.it.nsp);
  const auto [first, last] = by_id_.equal_range(gone.it.id);
  by_id_.erase(std::find_if(first, last, [&](const auto& one) { return one.second == &gone; }));
  auto it = std::move(gone.it);
  by_age_.erase(gone.order);
  sessions_.erase(it.pid);
  return it;
}

template <class Visit>
void recovery_log::each(const recovery_selection& to, Visit&& visit) const {
  if (sessions_.empty()) return;
  const auto mark = ++last_mark_;
  const auto of_rooms = [this](std::span<const void* const> rooms, auto&& act) {
    for (const auto* room : rooms) {
      const auto found = by_room_.find(room);
      if (found == by_room_.end()) continue;
      for (auto* one : found->second) act(*one);
    }
  };
  const auto of_ids = [this](std::span<const socket_id> ids, auto&& act) {
    for (const auto& id : ids) {
      const auto [first, last] = by_id_.equal_range(id);
      for (auto one = first; one != last; ++one) act(*one->second);
    }
  };
  const auto skip = [mark](session& one) { one.mark = mark; };
  const auto once = [&](session& one) {
    if (one.it.nsp != to.nsp || std::exchange(one.mark, mark) == mark) return;
    visit(one.it);
  };
  of_rooms(to.except, skip);
  of_ids(to.except_ids, skip);
  if (to.everybody) {
    const auto found = by_nsp_.find(to.nsp);
    if (found == by_nsp_.end()) return;
    for (auto* one : found->second) once(*one);
    return;
  }
  of_rooms(to.rooms, once);
  of_ids(to.ids, once);
}

bool recovery_log::record_away(const recovery_selection& to, std::uint64_t position) {
  bool any = false;
  each(to, [&](away_session& one) {
    record(one.tail, position);
    any = true;
  });
  return any;
}

bool recovery_log::concerns_away(const recovery_selection& to) const {
  bool any = false;
  each(to, [&](const away_session&) { any = true; });
  return any;
}

std::vector<away_session> recovery_log::expire(time_point now) {
  while (!events_.empty() && events_.front().at + limits_.age_max < now) pop_event();
  std::vector<away_session> gone;
  while (!by_age_.empty() && by_age_.begin()->second->it.until <= now) {
    gone.push_back(remove(*by_age_.begin()->second));
  }
  return gone;
}

std::vector<away_session> recovery_log::clear() {
  std::vector<away_session> all;
  while (!sessions_.empty()) all.push_back(remove(*sessions_.begin()->second));
  while (!events_.empty()) pop_event();
  return all;
}

std::optional<time_point> recovery_log::next_expiry() const {
  std::optional<time_point> when;
  if (!events_.empty()) when = events_.front().at + limits_.age_max + milliseconds(1);
  if (!by_age_.empty()) {
    const auto until = by_age_.begin()->second->it.until;
    when = when ? std::min(*when, until) : until;
  }
  return when;
}

// -- to another lane ------------------------------------------------------------------------------

carried_tail recovery_log::leave(recovery_tail& tail, std::uint64_t end) const {
  prune(tail);
  carried_tail carried;
  carried.base = tail.base;
  carried.cut = tail.cut;
  for (auto i = tail.begin; i < tail.positions.size(); ++i) {
    const auto& event = at(tail.positions[i])->event;
    if (event.stamp < end) carried.events.push_back(event);
  }
  return carried;
}

void recovery_log::arrive(carried_tail first, recovery_tail& tail, std::uint64_t end,
                          time_point now) {
  // The later ones once more, behind the earlier ones: positions of a tail ascend.
  auto later = leave(tail, ~std::uint64_t{0});
  if (later.cut) {  // of those that came since some are gone: nothing before them is of use
    first = {};
    first.cut = true;
    first.base = later.base;
  }
  std::erase_if(later.events, [end](const kept_event& one) { return one.stamp < end; });
  recovery_tail both;
  both.base = first.base;
  both.cut = first.cut;
  for (auto* part : {&first, &later}) {
    for (auto& event : part->events) record(both, add(std::move(event), now));
  }
  tail = std::move(both);
}

}  // namespace gossamer::detail
