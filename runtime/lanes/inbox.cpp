#include "runtime/lanes/inbox.hpp"

namespace gossamer {

namespace {

// What the head says when it is no delivery; only the addresses count.
class tag final : public delivery {
 public:
  void run(lane&) noexcept override {}
};
tag asleep_tag;
tag closed_tag;
delivery* const awake = nullptr;
delivery* const asleep = &asleep_tag;
delivery* const closed = &closed_tag;

bool is_entry(const delivery* head) {
  return head != awake && head != asleep && head != closed;
}

}  // namespace

delivery_list::~delivery_list() {
  while (pop_front()) {
  }
}

std::unique_ptr<delivery> delivery_list::pop_front() noexcept {
  delivery* taken = first_;
  if (taken == nullptr) return nullptr;
  first_ = std::exchange(taken->next_, nullptr);
  if (first_ == nullptr) last_ = nullptr;
  return std::unique_ptr<delivery>(taken);
}

void delivery_list::push_front(std::unique_ptr<delivery> what) noexcept {
  what->next_ = first_;
  first_ = what.release();
  if (last_ == nullptr) last_ = first_;
}

void delivery_list::append(delivery_list other) noexcept {
  if (other.first_ == nullptr) return;
  (last_ == nullptr ? first_ : last_->next_) = other.first_;
  last_ = other.last_;
  other.first_ = other.last_ = nullptr;
}

inbox::~inbox() {
  const delivery_list dropped = close();
}

// `queued` is what was there before, so one delivery larger than the bound passes an empty queue.
inbox::admission inbox::admission_at(std::size_t queued, post_kind kind,
                                     sender from) const noexcept {
  if (kind == post_kind::control || queued < bytes_max_) return admission::yes;
  if (kind == post_kind::volatile_data || from == sender::other) return admission::no;
  return queued < 4 * bytes_max_ ? admission::congested : admission::no;
}

// Counts only what is taken: bytes that were counted and taken back would hide the moment at which
// the queue is down to half from the consumer, which then wakes nobody.
inbox::admission inbox::admit(std::size_t cost_bytes, post_kind kind, sender from) noexcept {
  std::size_t queued = bytes_.load();
  for (;;) {
    const auto decided = admission_at(queued, kind, from);
    if (decided == admission::no) return decided;
    if (bytes_.compare_exchange_weak(queued, queued + cost_bytes)) return decided;
  }
}

inbox::pushed inbox::push(std::unique_ptr<delivery>& what, post_kind kind, sender from) noexcept {
  if (from == sender::other && gate_closed_.load(std::memory_order_acquire)) {
    return {post_result::closed};
  }
  const std::size_t cost = what->cost_bytes;
  const auto admitted = admit(cost, kind, from);
  if (admitted == admission::no) {
    refused_[static_cast<std::size_t>(kind)].fetch_add(1, std::memory_order_relaxed);
    return {post_result::full};
  }
  delivery* entry = what.get();
  entry->kind_ = kind;
  delivery* head = head_.load(std::memory_order_relaxed);
  do {
    if (head == closed) {
      bytes_.fetch_sub(cost);
      return {post_result::closed};
    }
    entry->next_ = is_entry(head) ? head : nullptr;
  } while (!head_.compare_exchange_weak(head, entry));
  static_cast<void>(what.release());  // perhaps run and gone by now
  return {post_result::accepted, head == asleep, admitted == admission::congested};
}

bool inbox::interrupt() noexcept {
  delivery* expected = asleep;
  return head_.compare_exchange_strong(expected, awake);
}

delivery_list inbox::turned_round(delivery* head) noexcept {
  delivery_list ordered;
  while (is_entry(head)) {
    delivery* entry = head;
    head = entry->next_;
    ordered.push_front(std::unique_ptr<delivery>(entry));
  }
  return ordered;
}

delivery_list inbox::take() noexcept {
  if (head_.load(std::memory_order_relaxed) == awake) return {};
  return turned_round(head_.exchange(awake));
}

bool inbox::release(std::size_t cost_bytes) noexcept {
  return bytes_.fetch_sub(cost_bytes) - cost_bytes <= bytes_max_ / 2;
}

bool inbox::try_sleep() noexcept {
  delivery* expected = awake;
  return head_.compare_exchange_strong(expected, asleep) || expected == asleep;
}

delivery_list inbox::close() noexcept {
  return turned_round(head_.exchange(closed));
}

inbox::counts inbox::refused() const noexcept {
  counts all{};
  for (std::size_t i = 0; i < post_kinds; ++i) all[i] = refused_[i].load();
  return all;
}

}  // namespace gossamer
