// One of each message, and other things that the tests of runtime/cluster share.
#pragma once

#include "runtime/base/random.hpp"
#include "runtime/cluster/codec.hpp"
#include "runtime/cluster/exchange.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace gossamer::cluster {

using namespace std::chrono_literals;

inline const time_point t0{std::chrono::hours(1)};

inline socket_id socket_named(int number) {
  std::string text = "AAAAAAAAAAAAAAAAAAAA";
  for (std::size_t at = text.size(); number > 0; number /= 10) {
    text[--at] = static_cast<char>('0' + number % 10);
  }
  return *socket_id::parse(text);
}

inline member node_named(std::uint64_t number) {
  return {{number, number}, "n" + std::to_string(number)};
}

inline event_image image_of(std::string_view json) {
  return {"/chat", bytes(json), {}, false, true};
}

/// Every alternative, in order, without fields left at their defaults.
inline std::vector<message> one_of_each() {
  const event_image image{"/chat",
                          bytes(R"(["say",{"_placeholder":true,"num":0}])"),
                          {bytes(std::string_view("\x00\xff", 2))},
                          true,
                          false};
  const selection which{{"lobby", "red room"}, {"muted"}};
  const auto id = socket_named(7);
  const request_id request{42};
  return {broadcast{image, which, std::string(socket_named(8).text())},
          broadcast_ack{request, 2500ms, image, which, "somebody"},
          ack_expect{request, 3},
          ack_answer{request, id, bytes("[1,\"two\"]"), {bytes("x")}},
          ack_left{request, id},
          sockets_join{"/", which, {"a", "b"}},
          sockets_leave{"/", which, {"a"}},
          sockets_disconnect{"/", which, true},
          fetch_sockets{request, "/chat", which},
          sockets_found{request, 1, false, {{id, {"lobby"}, bytes("{\"k\":1}"), bytes("{}")}}},
          server_emit{image},
          server_emit_ack{request, 5s, image},
          server_answer{request, bytes("[true]"), {bytes("y")}},
          count_sockets{request, "/chat", which},
          socket_count{request, 1ULL << 40U},
          refused{request, "no such namespace"},
          forward_open{9, *session_id::parse("bbbbbbbbbbbbbbbbbbbb"), "192.0.2.1",
                       bytes("GET / HTTP/1.1\r\n\r\n"), bytes("body")},
          forward_answer{9, 200, bytes("HTTP/1.1 200 OK\r\n\r\n"), bytes("ok")},
          forward_data{9, true, bytes("frame")},
          forward_credit{9, 65536},
          forward_close{9, 1001},
          carried{layer::directory, bytes("stream")},
          credit{3, 100, 2},
          credit_query{3, 101}};
}

inline bytes record_of(const message& m, std::uint8_t version = version_max) {
  return encode(m, version).value();
}

inline bytes blob_of(const std::vector<message>& all, blob_head head = {version_max, 1, 0}) {
  std::vector<bytes> records;
  for (const message& m : all) records.push_back(record_of(m, head.version));
  return make_blob(head, records);
}

}  // namespace gossamer::cluster
