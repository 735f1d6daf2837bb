#include "actors/recovery.hpp"

#include "actors/dispatch.hpp"
#include "actors/ports/connection.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <utility>

namespace gossamer::detail {
namespace {

constexpr std::size_t ticket_bytes_max = 4096;

recovery_limits share_of(const connection_state_recovery_options& all, std::size_t lanes) {
  recovery_limits one;
  one.age_max = all.max_disconnection_duration;
  one.bytes_max = std::max<std::size_t>(1, all.bytes_max / lanes);
  one.sessions_max = std::max<std::size_t>(1, all.sessions_max / lanes);
  one.tail_max = all.session_events_max;
  return one;
}

// `["a",1]` becomes `["a",1,"offset"]`.
std::string with_last(std::string_view array, std::string_view offset) {
  const auto end = array.rfind(']');
  std::string longer;
  longer.reserve(array.size() + offset.size() + 3);
  longer += array.substr(0, end);
  longer += ",\"";
  longer += offset;
  longer += "\"]";
  return longer;
}

socketio::frame_set with_offset(const nsp_core& nsp, const socketio::frame_set& frames,
                                recovery_offset offset) {
  const auto list = frames.frames();
  if (list.empty()) return frames;
  const auto text = to_text(offset);
  const bool plain = list.front().plain_only();
  socketio::frame_set longer;
  if (nsp.address().with == nullptr) {
    std::vector<shared_frame> all(list.begin(), list.end());
    all.front() = shared_frame::make(frame_kind::text, {with_last(list.front().payload(), text)});
    longer = all.size() == 1 ? socketio::frame_set(std::move(all.front()))
                             : socketio::frame_set(std::move(all));
    if (plain) longer.frames().front().set_plain_only();
    return longer;
  }
  const auto packet = read_back(nsp, frames);
  if (!packet) return frames;
  longer = socketio::encode_packet(socketio::packet_type::event, nsp.address(), std::nullopt,
                                   with_last(packet->payload, text), packet->args.attachments());
  if (plain) longer.set_plain_only();
  return longer;
}

bool is_recoverable(disconnect_reason reason) {
  return reason != disconnect_reason::client_namespace_disconnect &&
         reason != disconnect_reason::server_namespace_disconnect &&
         reason != disconnect_reason::parse_error;
}

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

// -- parts ----------------------------------------------------------------------------------------

struct recovery::live {
  bool used = false;
  session_id pid;
  recovery_tail tail;
};

// What a lane keeps for a session that is away.
struct recovery::holdings {
  nsp_core& nsp;
  const lane_index here;
  std::vector<rooms::room_ptr> rooms;
  boost::json::object data;
  std::vector<std::pair<const void*, std::shared_ptr<void>>> typed_data;
  std::uint64_t refused_before = 0;

  holdings(nsp_core& its_nsp, lane_index lane, std::vector<rooms::room_ptr> its_rooms)
      : nsp(its_nsp), here(lane), rooms(std::move(its_rooms)) {
    nsp.server().hold(nsp);
    nsp.shard(here).count.fetch_add(1, std::memory_order_release);
    for (const auto& room : rooms) room->promise(here);
  }
  holdings(const holdings&) = delete;
  holdings& operator=(const holdings&) = delete;
  ~holdings() {
    for (const auto& room : rooms) room->withdraw(here);
    rooms.clear();
    nsp.shard(here).count.fetch_sub(1, std::memory_order_release);
    nsp.server().leave(nsp);
  }
};

struct recovery::lane_part final : timer {
  lane_part(recovery& its_owner, const recovery_limits& limits, lane_index lane)
      : owner(its_owner), index(lane), log(limits, lane) {}
  void on_timer(time_point now) override {
    armed = false;
    owner.drop(log.expire(now));
    arm();
  }
  void arm() {
    if (armed) return;
    const auto when = log.next_expiry();
    if (!when) return;
    armed = true;
    owner.server_.lanes().at(index).arm(*this, *when);
  }
  [[nodiscard]] live& of(const socket_core& socket) {
    if (socket.slot >= sockets.size()) sockets.resize(socket.slot + 1);
    return sockets[socket.slot];
  }
  [[nodiscard]] time_point now() const { return owner.server_.lanes().at(index).now(); }

  recovery& owner;
  const lane_index index;
  recovery_log log;
  std::vector<live> sockets;  // by slot
  std::atomic<std::uint64_t> refused{0};
  bool armed = false;
};

recovery::recovery(server_core& server, const connection_state_recovery_options& options,
                   std::size_t lanes)
    : server_(server), options_(options) {
  const auto share = share_of(options, lanes);
  for (std::size_t i = 0; i < lanes; ++i) {
    parts_.push_back(
        std::make_unique<lane_part>(*this, share, lane_index{static_cast<std::uint8_t>(i)}));
  }
}

recovery::~recovery() = default;

void recovery::close() {
  for (const auto& one : parts_) {
    one->cancel();
    (void)one->log.clear();
  }
}

recovery::lane_part& recovery::part(lane_index lane) const {
  return *parts_[static_cast<std::size_t>(lane)];
}

// -- sending --------------------------------------------------------------------------------------

void recovery::refused(lane_index lane) {
  part(lane).refused.fetch_add(1, std::memory_order_relaxed);
}

recovery::kept recovery::keep(const nsp_core& nsp, lane_index here,
                              const socketio::frame_set& frames, std::uint64_t stamp) {
  auto& mine = part(here);
  const auto offset = mine.log.next_offset();
  auto longer = with_offset(nsp, frames, offset);
  const auto before = mine.log.events_dropped();
  const auto position = mine.log.add({offset, stamp, longer}, mine.now());
  counts_.events_dropped.fetch_add(mine.log.events_dropped() - before, std::memory_order_relaxed);
  mine.arm();
  return {std::move(longer), position};
}

void recovery::record(const socket_core& socket, std::uint64_t position) {
  auto& mine = part(socket.home_lane);
  auto& one = mine.of(socket);
  if (one.used) mine.log.record(one.tail, position);
}

namespace {

// A selection in the words of recovery_log.
struct selected {
  std::vector<const void*> rooms, except;
  std::vector<socket_id> ids, except_ids;
  recovery_selection to;

  explicit selected(const selection_job& job) {
    for (const auto& room : job.rooms) rooms.push_back(room.get());
    for (const auto& room : job.except) except.push_back(room.get());
    for (const auto& one : job.ids) {
      if (!one.old_name) ids.push_back(one.id);
    }
    for (const auto& one : job.except_ids) {
      if (!one.old_name) except_ids.push_back(one.id);
    }
    if (job.sender) except_ids.push_back(job.sender->id);
    to = {&job.nsp, job.everybody, rooms, ids, except, except_ids};
  }
};

}  // namespace

bool recovery::concerns_away(const selection_job& job, lane_index here) const {
  const auto& log = part(here).log;
  return log.session_count() != 0 && log.concerns_away(selected(job).to);
}

void recovery::record_away(const selection_job& job, lane_index here, std::uint64_t position) {
  auto& log = part(here).log;
  if (log.session_count() != 0) (void)log.record_away(selected(job).to, position);
}

bool recovery::is_away(const nsp_core& nsp, lane_index here, const socket_id& id) const {
  const socket_id ids[] = {id};
  return part(here).log.concerns_away({.nsp = &nsp, .ids = ids});
}

// -- sockets --------------------------------------------------------------------------------------

void recovery::begin(const socket_core& socket) {
  auto& lane = server_.lanes().at(socket.home_lane);
  part(socket.home_lane).of(socket) = {true, session_id(lane.random(), {}, lane.index()), {}};
}

const session_id& recovery::pid_of(const socket_core& socket) const {
  return part(socket.home_lane).of(socket).pid;
}

bool recovery::leave(const socket_core& socket, disconnect_reason reason) {
  auto& mine = part(socket.home_lane);
  auto ended = std::exchange(mine.of(socket), {});
  if (!ended.used || !is_recoverable(reason)) return false;
  away_session session;
  session.pid = ended.pid;
  session.nsp = &socket.nsp;
  session.id = socket.id;
  session.tail = std::move(ended.tail);
  session.until = mine.now() + options_.max_disconnection_duration;
  std::vector<rooms::room_ptr> rooms;
  for (const auto& one : socket.memberships()) rooms.push_back(one.where);
  for (const auto& room : rooms) session.rooms.push_back(room.get());
  session.holds = hold(socket.nsp, socket.home_lane, std::move(rooms));
  put(socket.home_lane, std::move(session));
  list(ended.pid, {socket.home_lane, &socket.nsp});
  return true;
}

std::shared_ptr<recovery::holdings> recovery::hold(nsp_core& nsp, lane_index here,
                                                   std::vector<rooms::room_ptr> rooms) {
  auto held = std::make_shared<holdings>(nsp, here, std::move(rooms));
  held->refused_before = part(here).refused.load(std::memory_order_relaxed);
  return held;
}

void recovery::keep_data(socket_core& socket, const session_id& pid) {
  const auto* session = part(socket.home_lane).log.find(pid);
  if (session == nullptr || socket.extras == nullptr) return;
  auto& held = *static_cast<holdings*>(session->holds.get());
  held.data = socket.extras->data;
  held.typed_data = socket.extras->typed_data;
}

void recovery::put(lane_index here, away_session session) {
  auto& mine = part(here);
  const auto before = mine.log.sessions_dropped();
  auto gone = mine.log.put(std::move(session), mine.now());
  counts_.sessions_dropped.fetch_add(mine.log.sessions_dropped() - before,
                                     std::memory_order_relaxed);
  drop(gone);
  mine.arm();
}

void recovery::drop(const std::vector<away_session>& gone) {
  const std::lock_guard lock(places_mutex_);
  for (const auto& one : gone) places_.erase(one.pid);
}

void recovery::list(const session_id& pid, const place& where) {
  const std::lock_guard lock(places_mutex_);
  places_[pid] = where;
}

std::optional<lane_index> recovery::unlist(const session_id& pid, const nsp_core& nsp) {
  const std::lock_guard lock(places_mutex_);
  const auto found = places_.find(pid);
  if (found == places_.end() || found->second.nsp != &nsp) return std::nullopt;
  const auto lane = found->second.lane;
  places_.erase(found);
  return lane;
}

// -- coming back ----------------------------------------------------------------------------------

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
  resumed back;
  back.missed = std::move(*mine.log.since(session.tail, ticket.offset));
  back.rooms = static_cast<const holdings*>(session.holds.get())->rooms;
  back.holds = std::move(session.holds);
  mine.of(socket) = {true, ticket.pid, std::move(session.tail)};
  counts_.recovered.fetch_add(1, std::memory_order_relaxed);
  return back;
}

}  // namespace gossamer::detail
