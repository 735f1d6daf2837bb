// Any bytes as a Cookie field, and any value through Set-Cookie and back.
#include "gateway/http/cookie.hpp"
#include "gateway/http/percent.hpp"
#include "runtime/base/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gossamer::http;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::size_t pairs = 0;
  each_cookie(input, [&](std::string_view name, std::string_view value) {
    GOSSAMER_CHECK(!name.empty() && name.size() + value.size() < size);
    ++pairs;
  });
  GOSSAMER_CHECK(pairs <= size);

  const std::string set = set_cookie({}, input);
  GOSSAMER_CHECK(set.find_first_of("\r\n") == std::string::npos);
  const auto found = find_cookie(set, "io");  // what gives no UTF-8 stays percent-encoded
  GOSSAMER_CHECK(found == std::string(input) || found == percent_encoded(input));
  GOSSAMER_CHECK(percent_decoded(percent_encoded(input)) == std::string(input));
  static_cast<void>(query_parameter(input, "a"));
  return 0;
}
