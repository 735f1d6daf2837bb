// What handlers of the conformance app answer that is no plain JSON: it holds binaries.
#pragma once

#include "actors/include/gossamer/nsp.hpp"
#include "actors/socketio/json_described.hpp"

#include <boost/describe.hpp>

#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

namespace conformance {

struct empty_and_null {
  gossamer::bytes c;
  std::nullptr_t d = nullptr;
};
BOOST_DESCRIBE_STRUCT(empty_and_null, (), (c, d))
struct binary_back {
  std::tuple<gossamer::bytes, std::string> a;
  empty_and_null b;
};
BOOST_DESCRIBE_STRUCT(binary_back, (), (a, b))

// `{"ok":true,"args":[...]}`
struct asked {
  bool ok = true;
  gossamer::args args;
};
BOOST_DESCRIBE_STRUCT(asked, (), (ok, args))

// The first argument of each client's answer, with its binaries.
struct first_arguments {
  std::vector<gossamer::args> of;
};
// `{"ok":true,"responses":[...]}`
struct collected {
  bool ok = true;
  first_arguments responses;
};
BOOST_DESCRIBE_STRUCT(collected, (), (ok, responses))

}  // namespace conformance

template <>
struct gossamer::json_codec<conformance::first_arguments> {
  static void write(json_writer& out, const conformance::first_arguments& given) {
    out.begin_array();
    for (const auto& one : given.of) {
      if (one.empty()) {
        out.null();
      } else {
        out.splice(args_view(one.raw(0), 1, one.attachments()));
      }
    }
    out.end_array();
  }
};
