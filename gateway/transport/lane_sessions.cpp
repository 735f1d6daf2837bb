#include "gateway/transport/lane_sessions.hpp"

#include "gateway/engineio/session.hpp"
#include "gateway/transport/answers.hpp"
#include "gateway/transport/engine.hpp"
#include "gateway/transport/relay.hpp"
#include "gateway/transport/session_driver.hpp"
#include "gateway/transport/websocket_link.hpp"
#include "gateway/websocket/handshake.hpp"
#include "runtime/base/random.hpp"

#include <utility>

namespace gossamer::transport {
namespace {

void accept(websocket_link& on, const websocket_request& request) {
  std::string fields = request.more_fields;
  if (request.deflate()) fields += "Sec-WebSocket-Extensions: " + request.extensions + "\r\n";
  on.send(websocket::accept_response(request.key, fields));
}

counter& open_count(lane_counters& counters, transport_kind transport) {
  return transport == transport_kind::polling ? counters.polling : counters.websocket;
}

std::string_view name_of(transport_kind transport) {
  return transport == transport_kind::polling ? "polling" : "websocket";
}

}  // namespace

lane_sessions::lane_sessions(engine& owner, lane& home, lane_counters& counters)
    : engine_(owner),
      home_(home),
      counters_(counters),
      ping_(shared_frame::make(frame_kind::text, {"2"})),
      pong_(shared_frame::make(frame_kind::text, {"3"})),
      probe_pong_(shared_frame::make(frame_kind::text, {"3probe"})) {}

lane_sessions::~lane_sessions() {
  for (session_driver* left : sessions_.all()) delete left;
}

const engine_options& lane_sessions::options() const {
  return engine_.options();
}

duration lane_sessions::first_ping_in() {
  const duration interval = options().ping_interval;
  const auto spread = static_cast<std::uint64_t>(interval.count() / 5);
  if (spread == 0) return interval;
  return interval - duration(static_cast<duration::rep>(home_.random().below(spread)));
}

// ---- requests ----

void lane_sessions::handle(session_request&& request) {
  session_driver* session = sessions_.find(*request.asked.sid);
  if (request.what == session_request::kind::aborted) {
    if (session != nullptr) session->request_aborted(request.from);
    return;
  }
  if (session == nullptr) return refuse(request, engineio::errc::unknown_sid);
  // What a POST brings was checked when it began; an upgrade may have come meanwhile.
  if (request.what == session_request::kind::post_body) {
    return session->post_body(request.from, std::move(request.body), request.octet_stream);
  }
  if (const auto why = session->refuses(request.asked)) return refuse(request, *why);
  handle_known(*session, std::move(request));
}

void lane_sessions::handle_known(session_driver& session, session_request&& request) {
  using kind = session_request::kind;
  switch (request.what) {
    case kind::poll: return session.poll_arrived(request.from);
    case kind::post_begins: return session.post_begins(request.from, request.octet_stream);
    case kind::other_method: return answer(request.from, empty_answer(500));
    case kind::post_body:
    case kind::aborted: return;
  }
}

void lane_sessions::refuse(const session_request& request, engineio::errc why) {
  const auto refused = engineio::refuse(why, request.asked.form);
  counters_.refused[static_cast<std::size_t>(refused.code)].add();
  engine_.tell_refused(home_, {.why = refused, .sid = request.asked.sid->text()});
  answer(request.from, refusal_answer(refused, request.asked.form));
}

void lane_sessions::answer(const request_key& to, http::response&& content) {
  engine_.answer(home_, {to, std::move(content)});
}

// ---- new sessions ----

session_driver& lane_sessions::add(const session_id& id, const engineio::request& asked,
                                   std::shared_ptr<const handshake_info> handshake) {
  auto* made = new session_driver(*this, id, asked, std::move(handshake));
  sessions_.insert(*made);
  counters_.opened.add();
  open_count(counters_, made->transport()).add();
  options().log.debug("session opened sid={} transport={}", id.text(), name_of(made->transport()));
  return *made;
}

void lane_sessions::open_polling(const session_id& id, const engineio::request& asked,
                                 std::shared_ptr<const handshake_info> handshake,
                                 const request_key& first_poll) {
  add(id, asked, std::move(handshake)).begin(first_poll);
}

void lane_sessions::open_websocket(const session_id& id,
                                   std::shared_ptr<const handshake_info> handshake,
                                   websocket_link& on, const websocket_request& request) {
  accept(on, request);
  add(id, request.asked, std::move(handshake)).begin(on);
}

void lane_sessions::join_websocket(websocket_link& on, const websocket_request& request) {
  session_driver* session = sessions_.find(*request.asked.sid);
  if (session == nullptr) return refuse(on, request, engineio::errc::unknown_sid);
  if (const auto why = session->refuses(request.asked)) return refuse(on, request, *why);
  const bool to_websocket = request.asked.transport == engineio::transport_name::websocket;
  if (!to_websocket || !session->takes_probe(on, request.asked))
    return accept_and_close(on, request);
  accept(on, request);
}

void lane_sessions::accept_and_close(websocket_link& on, const websocket_request& request) {
  accept(on, request);
  on.close(websocket::close_code::no_status);
}

void lane_sessions::refuse(websocket_link& on, const websocket_request& request,
                           engineio::errc why) {
  const auto refused = engineio::refuse(why, engineio::request_form::upgrade);
  counters_.refused[static_cast<std::size_t>(refused.code)].add();
  engine_.tell_refused(home_, {.why = refused, .sid = request.asked.sid->text()});
  on.send(raw_refusal(refused));
  on.end();
}

void lane_sessions::join_relayed(std::shared_ptr<relay> shared, const websocket_request& request) {
  auto made = std::make_unique<relayed_link>(std::move(shared), options().max_http_buffer_size,
                                             request.deflate());
  relayed_link& link = *made;
  relayed_.emplace(&link, std::move(made));
  join_websocket(link, request);
}

void lane_sessions::relay_closed(relayed_link& which) {
  which.closed();
  relayed_.erase(&which);
}

// ---- for the sessions ----

std::unique_ptr<client> lane_sessions::make_client(session_driver& session) {
  try {
    return engine_.acceptor().on_session(session);
  } catch (...) {
    home_.report_exception();
    return nullptr;
  }
}

const shared_frame& lane_sessions::old_frame_of(const shared_frame& binary, bool base64) {
  home_.mark_dirty(*this);  // the turn's end clears them
  return old_frames_.of(binary, base64);
}

shared_frame lane_sessions::deflated(const shared_frame& frame) {
  if (deflater_ == nullptr) {
    const auto& how = options().per_message_deflate;
    deflater_ = std::make_unique<websocket::deflater>(how.value_or(websocket::deflate_options{}));
  }
  return deflater_->form_of(frame);
}

void lane_sessions::post_upgrade(const session_id& id) {
  auto deliver = [alive = engine_.shared_from_this(), id](lane& here) {
    session_driver* session = alive->sessions_of(here).sessions_.find(id);
    if (session != nullptr) session->upgrade_now();
  };
  static_cast<void>(home_.post(std::move(deliver)));
}

void lane_sessions::session_upgraded(session_driver& session) {
  counters_.polling.subtract();
  counters_.websocket.add();
  counters_.upgraded.add();
  options().log.debug("session upgraded sid={}", session.id().text());
}

void lane_sessions::session_ended(session_driver& session, engineio::close_cause cause) {
  sessions_.erase(session);
  engine_.forget_id(session.id());
  counters_.closed[static_cast<std::size_t>(cause)].add();
  open_count(counters_, session.transport()).subtract();
  const auto level =
      cause == engineio::close_cause::slow_client ? log_level::warn : log_level::debug;
  options().log.write(level, "session closed sid={} reason={} transport={}", session.id().text(),
                      engineio::text(cause), name_of(session.transport()));
  ended_.emplace_back(&session);
  home_.mark_dirty(*this);
}

void lane_sessions::flush() {
  // Destroying a client may end other sessions: those wait for the next turn.
  const auto ended = std::exchange(ended_, {});
  old_frames_.clear();
  tell_if_empty();
}

// ---- the end ----

void lane_sessions::close_all(time_point until, std::function<void()> done) {
  all_closed_ = std::move(done);
  for (session_driver* session : sessions_.all()) {
    session->close(close_reason::server_shutting_down);
  }
  if (sessions_.size() != 0) home_.arm(*this, until);
  home_.mark_dirty(*this);
}

void lane_sessions::on_timer(time_point) {
  for (session_driver* session : sessions_.all()) {
    session->cut_off(engineio::close_cause::shutting_down);
  }
}

void lane_sessions::tell_if_empty() {
  if (sessions_.size() != 0 || !ended_.empty() || all_closed_ == nullptr) return;
  timer::cancel();
  std::exchange(all_closed_, nullptr)();
}

}  // namespace gossamer::transport
