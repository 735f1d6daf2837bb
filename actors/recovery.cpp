#include "actors/recovery.hpp"

#include "actors/dispatch.hpp"
#include "actors/recovery_parts.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::detail {
namespace {

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

}  // namespace

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
    one->show();
  }
}

recovery_totals recovery::totals() const {
  const auto now = [](const auto& of) { return of.load(std::memory_order_relaxed); };
  recovery_totals sum{now(counts_.recovered), now(counts_.unknown), now(counts_.gaps),
                      now(counts_.sessions_dropped), now(counts_.events_dropped)};
  for (const auto& one : parts_) {
    sum.sessions += now(one->shown_sessions);
    sum.events += now(one->shown_events);
    sum.bytes += now(one->shown_bytes);
  }
  return sum;
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
  mine.show();
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
  mine.show();
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

}  // namespace gossamer::detail
