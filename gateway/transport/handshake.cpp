#include "gateway/transport/handshake.hpp"

#include "gateway/engineio/query.hpp"
#include "gateway/http/header_fields.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace gossamer::transport {
namespace {

// Allocates `more` bytes behind the one object that allocate_shared makes.
template <class T>
struct tail_allocator {
  using value_type = T;
  explicit tail_allocator(std::size_t bytes) : more(bytes) {}
  template <class U>
  tail_allocator(const tail_allocator<U>& other) : more(other.more) {}
  [[nodiscard]] T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T) + more));
  }
  void deallocate(T* what, std::size_t) noexcept { ::operator delete(what); }
  template <class U>
  bool operator==(const tail_allocator<U>&) const {
    return true;
  }
  std::size_t more;
};

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

class compact_handshake final : public handshake_info {
 public:
  compact_handshake(const http::request& first, std::string_view address, std::int64_t issued_ms)
      : issued_ms_(issued_ms),
        target_size_(static_cast<std::uint32_t>(first.target.size())),
        head_size_(static_cast<std::uint32_t>(first.headers.text().size())),
        address_size_(static_cast<std::uint8_t>(address.size())),
        secure_(first.secure) {
    char* out = reinterpret_cast<char*>(this + 1);
    for (const auto part : {std::string_view(first.target), first.headers.text(), address}) {
      if (!part.empty()) std::memcpy(out, part.data(), part.size());
      out += part.size();
    }
  }

  [[nodiscard]] std::string_view url() const override { return {text(), target_size_}; }
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const override {
    std::optional<std::string> found;
    each_field([&](std::string_view field, std::string_view value) {
      if (!http::equal_ignoring_case(field, name)) return;
      found = found ? *found + ", " + std::string(value) : std::string(value);
    });
    return found;
  }
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const override {
    return engineio::find_parameter(engineio::query_of(url()), name, engineio::which::last);
  }
  void each_header(visitor visit, void* context) const override {
    each_field([&](std::string_view field, std::string_view value) {
      visit(context, lower_case(field), value);
    });
  }
  void each_query(visitor visit, void* context) const override {
    engineio::query_reader reader(engineio::query_of(url()));
    while (const auto next = reader.next()) {
      visit(context, engineio::decode_component(next->name),
            engineio::decode_component(next->value));
    }
  }
  [[nodiscard]] std::string_view address() const override {
    return {text() + target_size_ + head_size_, address_size_};
  }
  [[nodiscard]] bool secure() const override { return secure_; }
  [[nodiscard]] bool xdomain() const override { return header("origin").has_value(); }
  [[nodiscard]] std::int64_t issued_ms() const override { return issued_ms_; }

 private:
  [[nodiscard]] const char* text() const { return reinterpret_cast<const char*>(this + 1); }

  // Lines are `Name: value\r\n`, as http::header_fields keeps them.
  template <class Visit>
  void each_field(Visit&& visit) const {
    std::string_view rest(text() + target_size_, head_size_);
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find("\r\n"));
      rest.remove_prefix(std::min(line.size() + 2, rest.size()));
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      visit(line.substr(0, colon), http::trimmed(line.substr(colon + 1)));
    }
  }

  std::int64_t issued_ms_;
  std::uint32_t target_size_;
  std::uint32_t head_size_;
  std::uint8_t address_size_;
  bool secure_;
};

}  // namespace

std::shared_ptr<const handshake_info> make_handshake(const http::request& first,
                                                     std::int64_t issued_ms) {
  const std::string address = first.peer.ip();
  const std::size_t text = first.target.size() + first.headers.text().size() + address.size();
  return std::allocate_shared<compact_handshake>(tail_allocator<compact_handshake>(text), first,
                                                 address, issued_ms);
}

}  // namespace gossamer::transport
