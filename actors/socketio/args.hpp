// The arguments of an event or an ack: raw JSON text of the items and the attachments they name.
//
// Nothing is parsed before somebody asks, so numbers beyond 2^53, duplicate keys or odd spacing
// pass through a relay unchanged. `args` owns one shared immutable block and is cheap to copy;
// `args_view` is the same without owning, for a handler that does not keep them.
//
//     items   "a",{"b":{"_placeholder":true,"num":0}},3      size() == 3
//     attachments[0]                                          the binary that the placeholder names
//
// Limits: none of their own; what a client may send is bounded by the decoder.
#pragma once

#include "actors/socketio/conversion_error.hpp"
#include "actors/socketio/json_scan.hpp"
#include "runtime/base/bytes.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer {

namespace socketio {
class args_block;
void retain(const args_block* block) noexcept;
void release(const args_block* block) noexcept;

/// A counted pointer to the block behind arguments. Any thread.
class args_block_ptr {
 public:
  args_block_ptr() = default;
  /// Takes over one reference.
  explicit args_block_ptr(const args_block* adopted) noexcept : block_(adopted) {}
  args_block_ptr(const args_block_ptr& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) retain(block_);
  }
  args_block_ptr(args_block_ptr&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  args_block_ptr& operator=(args_block_ptr other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~args_block_ptr() {
    if (block_ != nullptr) release(block_);
  }
  [[nodiscard]] const args_block* get() const { return block_; }

 private:
  const args_block* block_ = nullptr;
};
}  // namespace socketio

class args;

/// Arguments that somebody else owns. Valid as long as what it was made from.
class args_view {
 public:
  args_view() = default;
  /// `items` is valid JSON, `count` values separated by commas.
  args_view(std::string_view items, std::size_t count, std::span<const bytes> attachments = {},
            const socketio::args_block* owner = nullptr)
      : items_(items), count_(count), attachments_(attachments), owner_(owner) {}

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// The JSON text of all items, separated by commas, without brackets.
  [[nodiscard]] std::string_view items() const { return items_; }
  /// All attachments of the packet; a slice keeps the numbers of its placeholders.
  [[nodiscard]] std::span<const bytes> attachments() const { return attachments_; }
  /// The JSON text of one item; empty if there is none. Costs a scan of the items before it.
  [[nodiscard]] std::string_view raw(std::size_t index) const;
  /// One item as a value of its own; null if there is none. Placeholders stay objects, unpaired
  /// surrogates become three bytes as in WTF-8.
  [[nodiscard]] boost::json::value at(std::size_t index) const;
  /// One item converted, costs as `raw`; see json_codec.hpp for the types. An absent item is an
  /// error unless T is std::optional. Include json_codec.hpp to call it.
  template <class T>
  [[nodiscard]] converted<T> get(std::size_t index) const;
  /// Calls `visit(raw)` for each item in order: one scan for all of them.
  template <class F>
  void each(F&& visit) const;
  /// Without the first `count` items; the same text and attachments.
  [[nodiscard]] args_view from(std::size_t count) const;
  /// Arguments that outlive the view: one copy of the text, or none if a block is there already.
  [[nodiscard]] args keep() const;

 private:
  std::string_view items_;
  std::size_t count_ = 0;
  std::span<const bytes> attachments_;
  const socketio::args_block* owner_ = nullptr;
};

template <class F>
void args_view::each(F&& visit) const {
  const char* at = items_.data();
  const char* end = at + items_.size();
  for (std::size_t left = count_; left > 0; --left) {
    at = socketio::skip_space(at, end);
    const char* begin = at;
    at = socketio::skip_value(at, end);
    visit(std::string_view(begin, static_cast<std::size_t>(at - begin)));
    at = socketio::skip_space(at, end);
    if (at != end) ++at;
  }
}

/// Arguments as a value. Any thread; they never change.
class args {
 public:
  args() = default;
  explicit args(const args_view& view) : args(view.keep()) {}
  /// Copies the text. `items` is valid JSON, `count` values separated by commas.
  args(std::string_view items, std::size_t count, std::span<const bytes> attachments = {});
  /// Shares a block; `items` lies in it.
  args(socketio::args_block_ptr block, std::string_view items, std::size_t count)
      : block_(std::move(block)), items_(items), count_(count) {}

  [[nodiscard]] args_view view() const;
  operator args_view() const { return view(); }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::string_view items() const { return items_; }
  [[nodiscard]] std::span<const bytes> attachments() const { return view().attachments(); }
  [[nodiscard]] std::string_view raw(std::size_t index) const { return view().raw(index); }
  [[nodiscard]] boost::json::value at(std::size_t index) const { return view().at(index); }
  template <class T>
  [[nodiscard]] converted<T> get(std::size_t index) const {
    return view().template get<T>(index);
  }
  [[nodiscard]] args from(std::size_t count) const;

  /// Equal text and equal attachments; `1.0` and `1` differ.
  friend bool operator==(const args& a, const args& b);

 private:
  socketio::args_block_ptr block_;
  std::string_view items_;
  std::size_t count_ = 0;
};

}  // namespace gossamer
