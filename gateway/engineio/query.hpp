// Query parameters of a request: `application/x-www-form-urlencoded` as WHATWG URL reads it.
//
// `+` is a space, %XX a byte, a broken escape stays as it is, invalid UTF-8 becomes U+FFFD. The
// names are data, never members of anything. A fragment ends the query.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::engineio {

/// More parameters than this are not seen; the size is bounded by the request head.
inline constexpr std::size_t query_parameters_max = 256;

/// The part of a request target between the first `?` and a `#`.
[[nodiscard]] std::string_view query_of(std::string_view target);

/// One parameter as it stands in the query.
struct raw_parameter {
  std::string_view name;
  std::string_view value;
};

/// Walks over the parameters in order, without decoding.
class query_reader {
 public:
  explicit query_reader(std::string_view query) : rest_(query) {}
  [[nodiscard]] std::optional<raw_parameter> next();

 private:
  std::string_view rest_;
  std::size_t count_ = 0;
};

[[nodiscard]] std::string decode_component(std::string_view raw);

/// Is `raw`, decoded, the text `expected`? Does not allocate where `raw` has no escapes.
[[nodiscard]] bool component_is(std::string_view raw, std::string_view expected);

enum class which : std::uint8_t { first, last };

/// The value of `name`, decoded. The protocol's own parameters count by their last occurrence.
[[nodiscard]] std::optional<std::string> find_parameter(std::string_view query,
                                                        std::string_view name, which choice);

}  // namespace gossamer::engineio
