// Fields of messages between nodes, written to a string and read from a view: varints, fixed
// integers, short strings.
//
// Errors: none are thrown or returned; a reader that met a bad field says so with `failed()`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gossamer::wire {

inline void put_u8(std::string& out, std::uint8_t value) {
  out.push_back(static_cast<char>(value));
}

/// Big-endian, as everything fixed on the wire.
inline void put_fixed(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;) put_u8(out, static_cast<std::uint8_t>(value >> (8U * i)));
}

/// LEB128: seven bits a byte, lowest first.
inline void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) put_u8(out, static_cast<std::uint8_t>(value | 0x80U));
  put_u8(out, static_cast<std::uint8_t>(value));
}

inline void put_text(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out += text;
}

/// Takes fields from the front of a view. The first bad field spoils the reader: every later read
/// gives zero or nothing, and `failed()` is true.
class reader {
 public:
  explicit reader(std::string_view rest) : rest_(rest) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

  std::string_view take(std::size_t size) {
    if (failed_ || size > rest_.size()) return fail();
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t fixed(unsigned bytes) {
    std::uint64_t value = 0;
    for (const char c : take(bytes)) value = (value << 8U) | static_cast<std::uint8_t>(c);
    return value;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(fixed(1)); }
  /// Refuses what is over `max`, and encodings longer than ten bytes.
  std::uint64_t varint(std::uint64_t max) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      const std::uint8_t byte = u8();
      if (failed_) return 0;
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return value <= max ? value : (fail(), 0);
    }
    fail();
    return 0;
  }
  std::string_view text(std::size_t size_max) { return take(varint(size_max)); }

  std::string_view fail() {
    failed_ = true;
    rest_ = {};
    return {};
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace gossamer::wire
