// The parts of a client session that its two sources share; included by them only.
#pragma once

#include "actors/client_session.hpp"
#include "actors/recovery.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::detail {

struct client_session::waiting final : timer {
  explicit waiting(client_session& session, std::string_view name) : owner(session), nsp(name) {}
  void on_timer(time_point) override {
    const auto name = nsp;
    owner.connect_expired(name);
  }
  client_session& owner;
  const std::string nsp;
  args auth;
  std::size_t step = 0;
  std::optional<return_ticket> ticket;
  std::uint64_t number = 0;  // of its claim
};

// Closes a client that has joined no namespace in time.
struct client_session::join_guard final : timer {
  explicit join_guard(client_session& session) : owner(session) {}
  void on_timer(time_point) override { owner.link_.close(close_reason::forced_close); }
  client_session& owner;
};

struct client_session::rarely_used {
  std::vector<entry> entries;
  std::shared_ptr<client_session*> self;
  parser_memory_ptr unfinished;
};

}  // namespace gossamer::detail
