#include "runtime/base/shared_frame.hpp"

#include "runtime/base/check.hpp"

#include <cstring>
#include <limits>
#include <new>

namespace gossamer {
namespace {

std::size_t header_size_of(frame_kind kind, std::size_t payload_size) {
  if (kind == frame_kind::raw) return 0;
  if (payload_size < 126) return 2;
  return payload_size <= 0xffff ? 4 : 10;
}

void write_header(char* out, frame_kind kind, std::size_t payload_size, std::size_t header_size) {
  if (header_size == 0) return;
  const auto byte = [](std::uint64_t value) { return static_cast<char>(value & 0xffU); };
  out[0] = byte(kind == frame_kind::text ? 0x81 : 0x82);
  if (header_size == 2) {
    out[1] = byte(payload_size);
    return;
  }
  out[1] = byte(header_size == 4 ? 126 : 127);
  const std::size_t length_bytes = header_size - 2;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    out[2 + i] = byte(payload_size >> (8 * (length_bytes - 1 - i)));
  }
}

}  // namespace

shared_frame shared_frame::make(frame_kind kind, std::initializer_list<std::string_view> parts) {
  std::size_t payload_size = 0;
  for (const auto part : parts) payload_size += part.size();
  const std::size_t header_size = header_size_of(kind, payload_size);
  const std::size_t size = header_size + payload_size;
  GOSSAMER_CHECK(size <= std::numeric_limits<std::uint32_t>::max());

  shared_frame made;
  made.rep_ = new (::operator new(sizeof(rep) + size)) rep;
  made.rep_->size = static_cast<std::uint32_t>(size);
  made.rep_->header_size = static_cast<std::uint8_t>(header_size);
  made.rep_->kind = kind;
  char* out = made.rep_->data();
  write_header(out, kind, payload_size, header_size);
  out += header_size;
  for (const auto part : parts) {
    if (!part.empty()) std::memcpy(out, part.data(), part.size());
    out += part.size();
  }
  return made;
}

bool shared_frame::begin_smaller() const {
  while (true) {
    std::uint8_t stage = unmade;
    if (rep_->stage.compare_exchange_strong(stage, making, std::memory_order_acquire)) return true;
    if (stage != making) return false;
    rep_->stage.wait(making, std::memory_order_acquire);
  }
}

shared_frame::filling::~filling() {
  of_.stage.store(filled_ ? made : unmade, std::memory_order_release);
  of_.stage.notify_all();
}

void shared_frame::release() noexcept {
  if (rep_ == nullptr) return;
  if (rep_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    shared_frame second;
    second.rep_ = rep_->second;  // gives back what this frame held of it
    rep_->~rep();
    ::operator delete(rep_);
  }
  rep_ = nullptr;
}

}  // namespace gossamer
