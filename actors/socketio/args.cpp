#include "actors/socketio/args.hpp"

#include "actors/socketio/args_block.hpp"
#include "actors/socketio/json_reader.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

namespace gossamer {
namespace socketio {

args_block* args_block::make(std::string_view text, std::size_t attachment_count) {
  const std::size_t size = sizeof(args_block) + attachment_count * sizeof(bytes) + text.size();
  auto* made = new (::operator new(size)) args_block(text.size(), attachment_count);
  std::uninitialized_value_construct_n(reinterpret_cast<bytes*>(made + 1), attachment_count);
  if (!text.empty()) std::memcpy(const_cast<char*>(made->text_begin()), text.data(), text.size());
  return made;
}

void retain(const args_block* block) noexcept {
  block->references_.fetch_add(1, std::memory_order_relaxed);
}

void release(const args_block* block) noexcept {
  if (block->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  auto* last = const_cast<args_block*>(block);
  std::destroy_n(last->attachments().data(), last->attachment_count_);
  last->~args_block();
  ::operator delete(last);
}

}  // namespace socketio

namespace {

// Where the item `index` begins; `index` is at most the number of items.
std::size_t begin_of(std::string_view items, std::size_t index) {
  const char* at = items.data();
  const char* end = at + items.size();
  for (; index > 0; --index) {
    at = socketio::skip_space(socketio::skip_value(at, end), end);
    if (at != end && *at == ',') ++at;
    at = socketio::skip_space(at, end);
  }
  return static_cast<std::size_t>(at - items.data());
}

}  // namespace

std::string_view args_view::raw(std::size_t index) const {
  if (index >= count_) return {};
  return json_reader(items_.substr(begin_of(items_, index))).take();
}

boost::json::value args_view::at(std::size_t index) const {
  return index >= count_ ? boost::json::value() : to_json_value(raw(index));
}

args_view args_view::from(std::size_t count) const {
  if (count == 0) return *this;
  if (count >= count_) return {{}, 0, {}, owner_};
  return {items_.substr(begin_of(items_, count)), count_ - count, attachments_, owner_};
}

args args_view::keep() const {
  if (owner_ == nullptr) return {items_, count_, attachments_};
  retain(owner_);
  return {socketio::args_block_ptr(owner_), items_, count_};
}

args::args(std::string_view items, std::size_t count, std::span<const bytes> attachments)
    : count_(count) {
  if (count == 0) return;
  auto* block = socketio::args_block::make(items, attachments.size());
  std::copy(attachments.begin(), attachments.end(), block->attachments().begin());
  block_ = socketio::args_block_ptr(block);
  items_ = block->text();
}

args_view args::view() const {
  if (block_.get() == nullptr) return {};
  return {items_, count_, block_.get()->attachments(), block_.get()};
}

args args::from(std::size_t count) const {
  return view().from(count).keep();
}

bool operator==(const args& a, const args& b) {
  const auto left = a.attachments();
  const auto right = b.attachments();
  return a.count_ == b.count_ && a.items_ == b.items_ &&
         std::equal(left.begin(), left.end(), right.begin(), right.end());
}

}  // namespace gossamer
