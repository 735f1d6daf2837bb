// The decoder of what nodes say to each other: no input crashes it, and what it reads it writes
// back the same.
#include "runtime/base/check.hpp"
#include "runtime/cluster/codec.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

using namespace gossamer;
using namespace gossamer::cluster;

namespace {

std::vector<message> all_of(const blob& b) {
  std::vector<message> all = b.of_the_link;
  for (const auto& m : b.messages) all.push_back(m.what);
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto first = decode(input);
  if (!first) return 0;
  std::vector<bytes> records;
  for (const message& m : all_of(*first)) {
    auto record = encode(m, first->head.version);
    GOSSAMER_CHECK(record.has_value());
    records.push_back(std::move(*record));
  }
  const auto second = decode(make_blob(first->head, records).view());
  GOSSAMER_CHECK(second.has_value());
  GOSSAMER_CHECK(all_of(*second) == all_of(*first));
  return 0;
}
