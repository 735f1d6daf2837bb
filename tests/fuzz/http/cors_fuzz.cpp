// Any bytes as Origin and Access-Control-Request-Headers: nothing but the fields of CORS comes out,
// and an origin that is not allowed is never named.
#include "gateway/http/compression.hpp"
#include "gateway/http/cors.hpp"
#include "gateway/http/static_files.hpp"
#include "runtime/base/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace gossamer::http;

cors make_rules(origin_policy policy) {
  cors_options options;
  options.origin = std::move(policy);
  options.credentials = true;
  return cors(options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const cors listed = make_rules(origin_policy::list(
      {origin_policy::fixed("http://a"), origin_policy::pattern("^https?://[a-z.]+(:[0-9]+)?$")}));
  static const cors reflecting = make_rules(origin_policy::reflect());
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto half = input.size() / 2;
  header_fields request;
  request.add("Origin", input.substr(0, half));
  request.add("Access-Control-Request-Headers", input.substr(half));
  for (const auto* rules : {&listed, &reflecting}) {
    const auto made = rules->decide(method::options, request);
    GOSSAMER_CHECK(made.preflight);
    made.headers.each([](std::string_view name, std::string_view) {
      GOSSAMER_CHECK(name == "Vary" || name.starts_with("Access-Control-"));
    });
    const auto told = made.headers.find("Access-Control-Allow-Origin");
    GOSSAMER_CHECK(!told || *told == *request.find("Origin"));
  }
  static_cast<void>(choose_coding(input, 15));
  static_cast<void>(etag_matches(input, "\"x\""));
  return 0;
}
