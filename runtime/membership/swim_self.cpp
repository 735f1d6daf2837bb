#include "runtime/membership/codec.hpp"
#include "runtime/membership/swim.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::membership {

/// Somebody says that this node is suspect or dead, or claims an incarnation it never had. Only an
/// accusation that is not older than the last answer is answered: anything else makes storms.
bool swim::accused(std::uint64_t incarnation, const arrival& in) {
  if (leaving_ || incarnation < self_.incarnation) return false;
  if (absurd_jump(incarnation, self_.incarnation)) return false;
  ++counters_.refutations;
  health_.worsen(1);
  raise_incarnation(incarnation);
  tell(notice_kind::refuted, self_);
  if (in.via == channel::link) reply(in, encode(alive{self_}));
  return true;
}

void swim::raise_incarnation(std::uint64_t above) {
  self_.incarnation = std::max(self_.incarnation, above) + 1;
  spread_self();
}

/// Another boot claims this node's address. An older one is a ghost of the past. A newer one means
/// that this node's clock was behind when it booted: it takes the epoch after it.
void swim::contest_address(const member_record& r, time_point now) {
  if (leaving_) return;
  if (booted_after(self_, r)) {
    ++counters_.stale_epoch;
    return;
  }
  // If not now, then when it renews for another reason: each epoch below this one ends in a
  // renewal.
  contested_epoch_ = std::max(contested_epoch_, r.epoch);
  if (renewed_at_ && now - *renewed_at_ < seconds(10)) {
    tell_rarely(notice_kind::address_contest, r, now);
    return;
  }
  renew_self(now);
}

void swim::renew_self(time_point now) {
  renewed_at_ = now;
  rumours_.forget(self_.id);
  self_.id = {random_.next() | 1U, random_.next()};
  self_.epoch = next_epoch(std::max(self_.epoch, contested_epoch_), wall_at(now));
  self_.incarnation = 0;
  tell(notice_kind::renewed, self_);
  spread_self();
  // It is the later boot now, where it may have been the earlier one.
  for (const member* m : table_.live()) settle_labels(*m, now);
  if (!joined_) join_at_ = now;
}

std::uint64_t swim::wall_at(time_point now) const {
  const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now - started_);
  return settings_.wall_microseconds + static_cast<std::uint64_t>(std::max<std::int64_t>(
                                           0, static_cast<std::int64_t>(passed.count())));
}

/// Names and tags should be unique; the later boot gives way.
void swim::settle_labels(const member& m, time_point now) {
  const member_record& r = m.record;
  const bool later = booted_after(self_, r);
  if (later && r.tag == self_.tag) change_tag();
  if (r.name != self_.name || leaving_) return;
  if (later) {
    twin_ = r.id;
  } else {
    tell_rarely(notice_kind::name_conflict, r, now);
  }
}

void swim::change_tag() {
  auto& former = self_.former_tags;
  if (former.size() == former_tags_max) former.erase(former.begin());
  former.push_back(self_.tag);
  do {
    self_.tag = {static_cast<std::uint32_t>(random_.below(node_tag_max + 1ULL))};
  } while (self_.tag == former.back() || with_tag(self_.tag).size() > 1);
  raise_incarnation(self_.incarnation);
  tell(notice_kind::tag_changed, self_);
}

actions swim::set_metadata(time_point now, std::string metadata) {
  metadata.resize(std::min(metadata.size(), metadata_bytes_max));
  if (metadata != self_.metadata) {
    self_.metadata = std::move(metadata);
    raise_incarnation(self_.incarnation);
  }
  return finish(now);
}

actions swim::drain(time_point now) {
  if (!self_.leaving) {
    self_.leaving = true;
    raise_incarnation(self_.incarnation);
  }
  return finish(now);
}

actions swim::leave(time_point now) {
  begin_leave(now);
  return finish(now);
}

void swim::begin_leave(time_point now) {
  if (leaving_ || !running_) return;
  leaving_ = true;
  self_.leaving = true;
  rumours_.replace(self_.id, encode(dead{self_.id, self_.incarnation, self_.id}));
  leave_at_ = now + settings_.timing.leave_linger;
  probe_at_ = sync_at_ = heal_at_ = join_at_ = never;
  probe_.reset();
}

void swim::run_leave(time_point now) {
  if (now < leave_at_) return;
  leave_at_ = never;
  running_ = false;
  tell(notice_kind::left_cluster, self_);
}

actions swim::rejoin(time_point now) {
  if (!leaving_) return finish(now);
  leaving_ = joined_ = false;
  self_.leaving = false;
  leave_at_ = never;
  renewed_at_.reset();
  expiries_.clear();
  relays_.clear();
  renew_self(now);
  return start(now);
}

}  // namespace gossamer::membership
