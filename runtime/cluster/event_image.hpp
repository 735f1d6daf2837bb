// An event in its canonical form: what nodes exchange before it is encoded for any client.
//
// `json` is the JSON text of the whole array, `["name",...]`, with placeholders numbered from 0 in
// the order of `attachments`. No ack id and no offset: those differ by recipient. Made once per
// broadcast; the receiving node checks the JSON when it encodes for its clients.
#pragma once

#include "runtime/base/bytes.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace gossamer::cluster {

struct event_image {
  std::string nsp;
  bytes json;
  std::vector<bytes> attachments;
  bool is_volatile = false;
  bool compress = true;

  bool operator==(const event_image&) const = default;
  [[nodiscard]] std::size_t size_bytes() const {
    std::size_t sum = nsp.size() + json.size();
    for (const auto& one : attachments) sum += one.size();
    return sum;
  }
};

}  // namespace gossamer::cluster
