// How a client comes back: its ticket, the session's way to the lane of the client, the last step.
#include "actors/recovery_parts.hpp"

#include <boost/json/parse.hpp>

#include <utility>

namespace gossamer::detail {
namespace {

constexpr std::size_t ticket_bytes_max = 4096;

std::string_view text_at(const boost::json::object& in, std::string_view key) {
  const auto* found = in.if_contains(key);
  const auto* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

}  // namespace

std::optional<return_ticket> ticket_of(const args& auth) {
  const auto json = auth.items();
  if (json.find("\"pid\"") == std::string_view::npos || json.size() > ticket_bytes_max) return {};
  boost::json::error_code failed;
  const auto value = boost::json::parse(json, failed);
  const auto* object = failed ? nullptr : value.if_object();
  if (object == nullptr) return {};
  const auto pid = session_id::parse(text_at(*object, "pid"));
  const auto offset = offset_of(text_at(*object, "offset"));
  if (!pid || !offset) return {};
  return return_ticket{*pid, *offset};
}

bool recovery::is_whole(lane_index here, const return_ticket& ticket) {
  auto& mine = part(here);
  const auto* session = mine.log.find(ticket.pid);
  if (session == nullptr || session->until <= mine.now()) return false;
  const auto& held = *static_cast<const holdings*>(session->holds.get());
  if (held.refused_before != mine.refused.load(std::memory_order_relaxed)) return false;
  return mine.log.has_since(session->tail, ticket.offset);
}

bool recovery::finish_claim(lane_index here, const return_ticket& ticket) {
  if (is_whole(here, ticket)) return true;
  const bool known = part(here).log.take(ticket.pid).has_value();
  part(here).show();
  auto& counter = known ? counts_.gaps : counts_.unknown;
  counter.fetch_add(1, std::memory_order_relaxed);
  return false;
}

struct recovery::move {
  return_ticket ticket;
  nsp_core* nsp = nullptr;
  lane_index from{};
  lane_index to{};
  std::function<void(bool)> done;
  // Of the session, as it travels.
  std::vector<rooms::room_ptr> rooms;
  socket_id id;
  time_point until;
  std::uint64_t end = 0;
  carried_tail tail;
  boost::json::object data;
  std::vector<std::pair<const void*, std::shared_ptr<void>>> typed_data;
  bool found = false;
};

void recovery::claim(const nsp_core& nsp, lane_index here, const return_ticket& ticket,
                     std::function<void(bool)> done) {
  const auto where = unlist(ticket.pid, nsp);
  if (!where) {
    counts_.unknown.fetch_add(1, std::memory_order_relaxed);
    return done(false);
  }
  if (*where == here) return done(finish_claim(here, ticket));
  auto moving = std::make_shared<move>();
  moving->ticket = ticket;
  moving->nsp = const_cast<nsp_core*>(&nsp);
  moving->from = *where;
  moving->to = here;
  moving->done = std::move(done);
  to_lane(*where, moving, &recovery::describe);
}

void recovery::to_lane(lane_index lane, const std::shared_ptr<move>& moving,
                       void (recovery::*step)(const std::shared_ptr<move>&)) {
  auto& home = server_.lanes().at(lane);
  (void)home.post([this, &home, moving, step] {
    const callback_scope scope(home);
    (this->*step)(moving);
  });
}

// On the lane that it leaves.
void recovery::describe(const std::shared_ptr<move>& moving) {
  if (const auto* session = part(moving->from).log.find(moving->ticket.pid)) {
    moving->found = true;
    moving->rooms = static_cast<const holdings*>(session->holds.get())->rooms;
    moving->id = session->id;
    moving->until = session->until;
  }
  to_lane(moving->to, moving, &recovery::receive);
}

// On the lane to which it goes.
void recovery::receive(const std::shared_ptr<move>& moving) {
  if (!moving->found) {
    counts_.unknown.fetch_add(1, std::memory_order_relaxed);
    return std::exchange(moving->done, nullptr)(false);
  }
  away_session session;
  session.pid = moving->ticket.pid;
  session.nsp = moving->nsp;
  session.id = moving->id;
  session.until = moving->until;
  for (const auto& room : moving->rooms) session.rooms.push_back(room.get());
  {
    const std::lock_guard lock(mutex_);
    session.holds = hold(*moving->nsp, moving->to, std::move(moving->rooms));
    moving->end = ++stamp_;
  }
  put(moving->to, std::move(session));
  to_lane(moving->from, moving, &recovery::hand_over);
}

// On the lane that it leaves.
void recovery::hand_over(const std::shared_ptr<move>& moving) {
  auto& mine = part(moving->from);
  auto session = mine.log.take(moving->ticket.pid);
  mine.show();
  moving->tail.cut = true;
  if (session) {
    auto& held = *static_cast<holdings*>(session->holds.get());
    if (held.refused_before == mine.refused.load(std::memory_order_relaxed)) {
      moving->tail = mine.log.leave(session->tail, moving->end);
    }
    moving->data = std::move(held.data);
    moving->typed_data = std::move(held.typed_data);
  }
  to_lane(moving->to, moving, &recovery::complete);
}

// On the lane to which it goes.
void recovery::complete(const std::shared_ptr<move>& moving) {
  auto& mine = part(moving->to);
  if (auto session = mine.log.take(moving->ticket.pid)) {
    auto& held = *static_cast<holdings*>(session->holds.get());
    held.data = std::move(moving->data);
    held.typed_data = std::move(moving->typed_data);
    mine.log.arrive(std::move(moving->tail), session->tail, moving->end, mine.now());
    put(moving->to, std::move(*session));
  }
  std::exchange(moving->done, nullptr)(finish_claim(moving->to, moving->ticket));
}

void recovery::give_up(lane_index here, const session_id& pid) {
  const auto* session = part(here).log.find(pid);
  if (session != nullptr) list(pid, {here, static_cast<const nsp_core*>(session->nsp)});
}

void recovery::prepare(socket_core& socket, const session_id& pid) {
  const auto* session = part(socket.home_lane).log.find(pid);
  if (session == nullptr) return;
  const auto& held = *static_cast<const holdings*>(session->holds.get());
  socket.id = session->id;
  socket.recovered = true;
  part(socket.home_lane).of(socket).pid = pid;
  if (held.data.empty() && held.typed_data.empty()) return;
  socket.extra().data = held.data;
  socket.extra().typed_data = held.typed_data;
}

std::optional<recovery::resumed> recovery::resume(const socket_core& socket,
                                                  const return_ticket& ticket) {
  if (!finish_claim(socket.home_lane, ticket)) return std::nullopt;
  auto& mine = part(socket.home_lane);
  auto session = std::move(*mine.log.take(ticket.pid));
  mine.show();
  resumed back;
  back.missed = std::move(*mine.log.since(session.tail, ticket.offset));
  back.rooms = static_cast<const holdings*>(session.holds.get())->rooms;
  back.holds = std::move(session.holds);
  mine.of(socket) = {true, ticket.pid, std::move(session.tail)};
  counts_.recovered.fetch_add(1, std::memory_order_relaxed);
  return back;
}

}  // namespace gossamer::detail
