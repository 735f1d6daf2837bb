// Writing and reading of fields through cereal's portable archive, with a bound on each.
//
// Only codec.cpp includes this. cereal believes the lengths it reads; here every length is a field
// of its own, checked against its bound and against the bytes that are left, so that cereal never
// meets short input and never throws.
#pragma once

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/cluster/bounds.hpp"

#include <cereal/archives/portable_binary.hpp>

#include <algorithm>
#include <array>
#include <istream>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gossamer::cluster {

/// Appends to a string.
class string_sink final : public std::streambuf {
 public:
  [[nodiscard]] const std::string& text() const { return text_; }

 protected:
  int_type overflow(int_type c) override {
    if (c != traits_type::eof()) text_.push_back(traits_type::to_char_type(c));
    return traits_type::not_eof(c);
  }
  std::streamsize xsputn(const char* data, std::streamsize size) override {
    text_.append(data, static_cast<std::size_t>(size));
    return size;
  }

 private:
  std::string text_;
};

/// Reads a view, which outlives it.
class view_source final : public std::streambuf {
 public:
  explicit view_source(std::string_view from) {
    auto* begin = const_cast<char*>(from.data());  // streambuf wants it so; nothing writes
    setg(begin, begin, begin + from.size());
  }
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(egptr() - gptr()); }
  /// The next bytes in place; `size` is not more than left().
  [[nodiscard]] std::string_view take(std::size_t size) {
    const std::string_view taken(gptr(), size);
    setg(eback(), gptr() + size, egptr());
    return taken;
  }
};

template <class T>
struct number_of {
  using type = T;
};
template <class T>
requires std::is_enum_v<T>
struct number_of<T> {
  using type = std::underlying_type_t<T>;
};

class field_writer {
 public:
  template <class T>
  using argument = const T&;

  explicit field_writer(std::uint8_t version)
      : version_(version), stream_(&sink_), archive_(stream_, little_endian()) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] const std::string& text() const { return sink_.text(); }
  [[nodiscard]] bool since(std::uint8_t version) const { return version_ >= version; }

  template <class T>
  void number(T value, std::uint64_t max = ~std::uint64_t{0}) {
    const auto plain = static_cast<typename number_of<T>::type>(value);
    if (check(static_cast<std::uint64_t>(plain) <= max)) archive_(plain);
  }
  void flag(bool value) { number(static_cast<std::uint8_t>(value)); }
  void time(milliseconds value) {
    const auto kept = std::clamp(value, milliseconds(0), bounds::timeout_max);
    number(static_cast<std::uint32_t>(kept.count()));
  }
  void text(std::string_view value, std::size_t size_max) { sized(value, size_max); }
  void blob(const bytes& value, std::size_t size_max) { sized(value.view(), size_max); }
  void id(const short_id& value) {
    if (check(short_id::looks_like(value.text()))) raw(value.text());
  }
  template <class T, class Each>
  void list(const std::vector<T>& all, std::size_t count_max, std::size_t, Each each) {
    if (!check(all.size() <= count_max)) return;
    number(static_cast<std::uint32_t>(all.size()));
    for (const auto& one : all) {
      if (failed_) return;
      each(one);
    }
  }

 private:
  using options = cereal::PortableBinaryOutputArchive::Options;
  static options little_endian() { return options::LittleEndian(); }
  bool check(bool holds) {
    failed_ = failed_ || !holds;
    return !failed_;
  }
  void raw(std::string_view value) {
    archive_.saveBinary<1>(value.data(), static_cast<std::streamsize>(value.size()));
  }
  void sized(std::string_view value, std::size_t size_max) {
    if (!check(value.size() <= size_max)) return;
    number(static_cast<std::uint32_t>(value.size()));
    raw(value);
  }

  std::uint8_t version_;
  bool failed_ = false;
  string_sink sink_;
  std::ostream stream_;
  cereal::PortableBinaryOutputArchive archive_;
};

/// The first bad field spoils the reader: later reads leave their targets as they are.
class field_reader {
 public:
  template <class T>
  using argument = T&;

  /// `body` is not empty: its first byte says which byte order follows.
  field_reader(std::string_view body, std::uint8_t version)
      : version_(version), source_(body), stream_(&source_), archive_(stream_) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool since(std::uint8_t version) const { return version_ >= version; }

  template <class T>
  void number(T& value, std::uint64_t max = ~std::uint64_t{0}) {
    typename number_of<T>::type plain{};
    if (!check(source_.left() >= sizeof plain)) return;
    archive_(plain);
    if (check(static_cast<std::uint64_t>(plain) <= max)) value = static_cast<T>(plain);
  }
  void flag(bool& value) {
    std::uint8_t plain = 0;
    number(plain, 1);
    value = plain == 1;
  }
  void time(milliseconds& value) {
    std::uint32_t plain = 0;
    number(plain, static_cast<std::uint64_t>(bounds::timeout_max.count()));
    value = milliseconds(plain);
  }
  void text(std::string& value, std::size_t size_max) { value = sized(size_max); }
  void blob(bytes& value, std::size_t size_max) { value = bytes(sized(size_max)); }
  template <class Id>
  void id(Id& value) {
    if (!check(source_.left() >= Id::length)) return;
    const auto parsed = Id::parse(source_.take(Id::length));
    if (check(parsed.has_value())) value = *parsed;
  }
  /// `item_bytes_min`: no item has fewer, so a forged count cannot make us allocate much.
  template <class T, class Each>
  void list(std::vector<T>& all, std::size_t count_max, std::size_t item_bytes_min, Each each) {
    std::uint32_t count = 0;
    number(count, count_max);
    if (!check(count <= source_.left() / item_bytes_min)) return;
    all.reserve(count);
    for (std::uint32_t i = 0; i < count && !failed_; ++i) each(all.emplace_back());
  }

 private:
  bool check(bool holds) {
    failed_ = failed_ || !holds;
    return !failed_;
  }
  std::string_view sized(std::size_t size_max) {
    std::uint32_t size = 0;
    number(size, size_max);
    if (!check(size <= source_.left())) return {};
    return source_.take(size);
  }

  std::uint8_t version_;
  bool failed_ = false;
  view_source source_;
  std::istream stream_;
  cereal::PortableBinaryInputArchive archive_;
};

}  // namespace gossamer::cluster
