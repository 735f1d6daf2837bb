// The one block of memory behind `args`: counter, attachments, text.
//
//     [ args_block ][ bytes x attachment_count ][ text ]
//
// Written by its maker before anybody else sees it, immutable afterwards.
#pragma once

#include "actors/socketio/args.hpp"
#include "runtime/base/bytes.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gossamer::socketio {

class args_block {
 public:
  /// A block with a copy of `text` and room for attachments, all of them empty.
  [[nodiscard]] static args_block* make(std::string_view text, std::size_t attachment_count);

  [[nodiscard]] std::string_view text() const { return {text_begin(), text_size_}; }
  [[nodiscard]] std::span<const bytes> attachments() const {
    return {reinterpret_cast<const bytes*>(this + 1), attachment_count_};
  }
  /// For the maker.
  [[nodiscard]] std::span<bytes> attachments() {
    return {reinterpret_cast<bytes*>(this + 1), attachment_count_};
  }

 private:
  friend void retain(const args_block* block) noexcept;
  friend void release(const args_block* block) noexcept;
  args_block(std::size_t text_size, std::size_t attachment_count)
      : attachment_count_(static_cast<std::uint32_t>(attachment_count)), text_size_(text_size) {}
  ~args_block() = default;
  [[nodiscard]] const char* text_begin() const {
    return reinterpret_cast<const char*>(this + 1) + attachment_count_ * sizeof(bytes);
  }

  mutable std::atomic<std::uint32_t> references_{1};
  std::uint32_t attachment_count_;
  std::size_t text_size_;
};

}  // namespace gossamer::socketio
