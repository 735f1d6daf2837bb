// The sessions of one lane by sid: buckets of singly linked sessions, no memory of its own per
// session but the pointer in the session and a share of the buckets.
//
// Runs on: its lane. Owns: nothing.
#pragma once

#include "runtime/base/ids.hpp"

#include <cstddef>
#include <vector>

namespace gossamer::transport {

class session_driver;

class session_table {
 public:
  [[nodiscard]] session_driver* find(const session_id& id) const;
  /// `id()` of the session must not be in the table.
  void insert(session_driver& session);
  /// Does nothing if it is not in the table.
  void erase(session_driver& session);
  [[nodiscard]] std::size_t size() const { return size_; }
  /// All sessions; a copy, so that they may close while one walks over it.
  [[nodiscard]] std::vector<session_driver*> all() const;

 private:
  [[nodiscard]] std::size_t bucket_of(const session_id& id) const;
  void grow();

  std::vector<session_driver*> buckets_;
  std::size_t size_ = 0;
};

}  // namespace gossamer::transport
