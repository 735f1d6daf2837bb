#include "runtime/cluster/outgoing_link.hpp"

#include "runtime/base/check.hpp"
#include "runtime/cluster/codec.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gossamer::cluster {

bool outgoing_link::fits(std::size_t size, importance how) const {
  const bool reserved = how == importance::control;
  const std::size_t bytes_max =
      settings_.queue_bytes_max + (reserved ? settings_.reserve_bytes : 0);
  const std::size_t count_max =
      settings_.queue_messages_max + (reserved ? settings_.reserve_messages : 0);
  if (queue_.count() >= count_max) return false;
  // One message larger than the queue is taken when nothing waits.
  return queue_.empty() || queue_.size_bytes() + size <= bytes_max;
}

error_code outgoing_link::push(bytes record, importance how, time_point now) {
  if (how == importance::optional && !queue_.empty() && !window_open()) {
    ++counters_.dropped;
    return errc::dropped;
  }
  if (!fits(record.size(), how)) {
    ++counters_.refused;
    degraded_ = true;
    return errc::link_full;
  }
  queue_.push(std::move(record), now);
  return {};
}

void outgoing_link::attach(const credit& c) {
  attached_ = c;
}

/// For the next batch.
bool outgoing_link::window_open() const {
  if (flying_.empty()) return true;
  return flying_.size() < settings_.window_blobs &&
         flying_bytes_ + queue_.next_bytes() <= settings_.window_bytes;
}

std::vector<bytes> outgoing_link::link_records(time_point now) {
  std::vector<bytes> records;
  const auto add = [&](const message& m) {
    auto record = encode(m, version_);
    GOSSAMER_CHECK(record.has_value());
    records.push_back(std::move(*record));
  };
  if (attached_) add(*attached_);
  attached_.reset();
  if (now >= query_at_ && !flying_.empty()) {
    add(credit_query{session_, next_});
    ++counters_.queries;
    query_at_ = now + settings_.query_after;
  }
  return records;
}

std::vector<bytes> outgoing_link::flush(time_point now) {
  std::vector<bytes> blobs;
  std::vector<bytes> records = link_records(now);
  while (queue_.due() <= now && window_open()) {
    std::vector<bytes> batch = queue_.take();
    const std::uint64_t count = batch.size();
    std::size_t size = 0;
    for (const bytes& one : batch) size += one.size();
    std::move(batch.begin(), batch.end(), std::back_inserter(records));
    blobs.push_back(make_blob({version_, session_, next_}, records));
    records.clear();
    if (flying_.empty()) query_at_ = now + settings_.query_after;
    next_ += count;
    flying_.push_back({next_, size});
    flying_bytes_ += size;
    counters_.sent += count;
  }
  if (!records.empty()) blobs.push_back(make_blob({version_, session_, next_}, records));
  counters_.blobs += blobs.size();
  if (degraded_ && queue_.size_bytes() <= settings_.queue_bytes_max / 2 &&
      queue_.count() <= settings_.queue_messages_max / 2) {
    degraded_ = false;
  }
  return blobs;
}

std::uint64_t outgoing_link::granted(const credit& c, time_point now) {
  if (c.session != session_ || c.position > next_ || c.lost > c.position) {
    ++counters_.odd_credits;
    return 0;
  }
  if (c.position > confirmed_) {
    confirmed_ = c.position;
    query_at_ = now + settings_.query_after;
  }
  while (!flying_.empty() && flying_.front().end <= confirmed_) {
    flying_bytes_ -= flying_.front().size_bytes;
    flying_.pop_front();
  }
  if (flying_.empty()) query_at_ = time_point::max();
  const std::uint64_t newly = c.lost > lost_ ? c.lost - lost_ : 0;
  lost_ += newly;
  counters_.lost += newly;
  return newly;
}

std::uint64_t outgoing_link::connection_lost(std::uint64_t new_session) {
  const std::uint64_t unconfirmed = next_ - confirmed_;
  counters_.unconfirmed += unconfirmed;
  session_ = new_session;
  next_ = confirmed_ = lost_ = 0;
  flying_.clear();
  flying_bytes_ = 0;
  attached_.reset();
  query_at_ = time_point::max();
  return unconfirmed;
}

std::uint64_t outgoing_link::close() {
  const std::uint64_t unsent = queue_.clear();
  counters_.unsent += unsent;
  return unsent;
}

time_point outgoing_link::wake() const {
  const time_point batch = window_open() ? queue_.due() : time_point::max();
  const time_point link = attached_ ? time_point::min() : query_at_;
  return std::min(batch, link);
}

}  // namespace gossamer::cluster
