// Request targets: any bytes are read without harm, and the three ways to look at the parameters
// agree with each other.

#include "gateway/engineio/query.hpp"
#include "gateway/engineio/request.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

using namespace gossamer::engineio;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view target(reinterpret_cast<const char*>(data), size);
  const std::string_view query = query_of(target);

  std::size_t count = 0;
  query_reader reader(query);
  while (const auto parameter = reader.next()) {
    ++count;
    const std::string name = decode_component(parameter->name);
    GOSSAMER_CHECK(gossamer::is_utf8(name));
    GOSSAMER_CHECK(component_is(parameter->name, name));
    if (count <= 8) GOSSAMER_CHECK(find_parameter(query, name, which::first).has_value());
  }
  GOSSAMER_CHECK(count <= query_parameters_max);

  const options settings;
  const request asked = parse_request(http_method::get, request_form::http, target);
  const auto eio = find_parameter(query, "EIO", which::last);
  GOSSAMER_CHECK((asked.revision == 4) == (eio == "4"));
  const auto transport = find_parameter(query, "transport", which::last);
  GOSSAMER_CHECK(asked.transport.has_value() ==
                 (transport == "polling" || transport == "websocket"));
  const auto sid = find_parameter(query, "sid", which::last);
  GOSSAMER_CHECK(asked.has_sid == (sid && !sid->empty()));
  GOSSAMER_CHECK(!asked.sid || asked.sid->text() == *sid);
  const auto refused = refuses(settings, asked, target);
  if (refused) GOSSAMER_CHECK(!refuse(*refused, request_form::http, target).body.empty());
  return 0;
}
