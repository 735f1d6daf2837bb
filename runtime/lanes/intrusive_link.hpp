// A link of a circular doubly linked list whose members take themselves off in O(1).
#pragma once

namespace gossamer::detail {

/// A lone link has null pointers; a list's head points to itself when the list is empty.
struct intrusive_link {
  intrusive_link* previous = nullptr;
  intrusive_link* next = nullptr;

  [[nodiscard]] bool linked() const noexcept { return next != nullptr; }
  void unlink() noexcept {
    if (next == nullptr) return;
    previous->next = next;
    next->previous = previous;
    previous = next = nullptr;
  }
};

/// Head of a list that owns nothing. Members that are left in it are unlinked at the end.
class intrusive_list {
 public:
  intrusive_list() noexcept { head_.previous = head_.next = &head_; }
  intrusive_list(const intrusive_list&) = delete;
  intrusive_list& operator=(const intrusive_list&) = delete;
  ~intrusive_list() {
    while (pop_front() != nullptr) {
    }
  }

  [[nodiscard]] bool empty() const noexcept { return head_.next == &head_; }
  void push_back(intrusive_link& what) noexcept {
    what.previous = head_.previous;
    what.next = &head_;
    head_.previous->next = &what;
    head_.previous = &what;
  }
  /// The first member, now unlinked, or nullptr.
  intrusive_link* pop_front() noexcept {
    if (empty()) return nullptr;
    intrusive_link* first = head_.next;
    first->unlink();
    return first;
  }
  /// Moves all members of `other` to the end of this list.
  void splice(intrusive_list& other) noexcept {
    if (other.empty()) return;
    other.head_.next->previous = head_.previous;
    head_.previous->next = other.head_.next;
    other.head_.previous->next = &head_;
    head_.previous = other.head_.previous;
    other.head_.previous = other.head_.next = &other.head_;
  }

 private:
  intrusive_link head_;
};

}  // namespace gossamer::detail
