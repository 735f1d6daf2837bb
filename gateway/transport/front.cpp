#include "gateway/transport/front.hpp"

#include "gateway/engineio/query.hpp"
#include "gateway/engineio/request.hpp"
#include "gateway/http/connection.hpp"
#include "gateway/transport/answers.hpp"
#include "gateway/transport/engine.hpp"
#include "gateway/transport/handshake.hpp"
#include "gateway/transport/waiting.hpp"
#include "gateway/transport/websocket_link.hpp"
#include "gateway/websocket/extensions.hpp"
#include "gateway/websocket/handshake.hpp"

#include <atomic>
#include <chrono>
#include <utility>
#include <vector>

namespace gossamer::transport {
namespace {

engineio::http_method method_of(const http::request& r) {
  if (r.method == http::method::get) return engineio::http_method::get;
  if (r.method == http::method::post) return engineio::http_method::post;
  return engineio::http_method::other;
}

engineio::request parse(const http::request& r, engineio::request_form form) {
  return engineio::parse_request(method_of(r), form, r.target);
}

std::string_view origin_of(const http::request& r) {
  return r.header("origin").value_or(std::string_view{});
}

std::int64_t wall_clock_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

session_request::kind kind_of(engineio::http_method method) {
  return method == engineio::http_method::get ? session_request::kind::poll
                                              : session_request::kind::other_method;
}

}  // namespace

// Takes the body of one POST to its session; without one, the client gave up.
class front::post_in_flight final : public http::request_handler {
 public:
  post_in_flight(std::shared_ptr<engine> alive, front& owner, std::uint64_t number)
      : alive_(std::move(alive)), front_(owner), number_(number) {}
  ~post_in_flight() override {
    if (number_ != 0) front_.aborted(number_);
  }
  void on_request(std::shared_ptr<http::exchange> incoming) override {
    front_.post_body(std::exchange(number_, 0), std::move(incoming));
  }

 private:
  std::shared_ptr<engine> alive_;
  front& front_;
  std::uint64_t number_;
};

front::front(engine& owner, lane& home, lane_sessions& sessions, session_owner& owners,
             lane_counters& counters)
    : engine_(owner), home_(home), sessions_(sessions), owners_(owners), counters_(counters) {}

front::~front() = default;

front::waiting& front::add(std::shared_ptr<http::exchange> incoming,
                           const engineio::request& asked) {
  const std::uint64_t number = ++last_number_;
  auto made = std::make_unique<waiting>(*this, number, asked);
  if (incoming != nullptr) made->attach(std::move(incoming));
  return *waiting_.emplace(number, std::move(made)).first->second;
}

// ---- requests ----

void front::on_request(std::shared_ptr<http::exchange> incoming) {
  using engineio::request_form;
  const http::request& asked = incoming->req();
  const auto form = incoming->is_upgrade() ? request_form::upgrade : request_form::http;
  waiting& asks = add(std::move(incoming), parse(asked, form));
  asks.head = &asked;
  asks.middlewares = middlewares();
  if (passes(asks)) go_on(asks);
}

void front::go_on(waiting& asks) {
  const http::request& asked = asks.exchange().req();
  if (const auto why = engineio::refuses(engine_.options(), asks.asked, origin_of(asked))) {
    return refuse(asks, *why);
  }
  asks.coding = coding_for(asked);
  if (!asks.asked.has_sid) return handshake(asks);
  if (asks.asked.upgrade()) return join_websocket(asks);
  add_headers(asked, asks);
  asks.exchange().drop_request();
  to_owner(asks, kind_of(asks.asked.method));
}

// How an answer may be compressed. Polls forget their request.
http::coding front::coding_for(const http::request& head) const {
  if (!engine_.options().http_compression) return http::coding::identity;
  const auto accepted = head.headers.joined("accept-encoding");
  return http::choose_quick_coding(accepted);
}

void front::add_headers(const http::request& head, waiting& asks) {
  const auto& hook = engine_.options().headers;
  if (!hook) return;
  try {
    hook(head, asks.more);
  } catch (...) {
    home_.report_exception();
  }
}

std::shared_ptr<http::request_handler> front::post_begins(const http::request& head) {
  waiting& asks = add(nullptr, parse(head, engineio::request_form::http));
  auto handler = std::make_shared<post_in_flight>(engine_.shared_from_this(), *this, asks.number());
  asks.head = &head;
  asks.is_post = true;
  asks.middlewares = middlewares();
  if (passes(asks)) announce_post(asks);
  return handler;
}

void front::announce_post(waiting& asks) {
  const http::request& head = *asks.head;
  if (const auto why = engineio::refuses(engine_.options(), asks.asked, origin_of(head))) {
    return refuse(asks, *why);
  }
  add_headers(head, asks);
  asks.octet_stream = head.header("content-type") == "application/octet-stream";
  to_owner(asks, session_request::kind::post_begins);
}

void front::post_body(std::uint64_t number, std::shared_ptr<http::exchange> incoming) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return;
  waiting& asks = *found->second;
  asks.attach(std::move(incoming));
  if (!asks.undecided) deliver_body(asks);
}

void front::deliver_body(waiting& asks) {
  if (auto early = asks.take_kept()) return answer(asks, std::move(*early));
  to_owner(asks, session_request::kind::post_body);
}

void front::to_owner(waiting& asks, session_request::kind what) {
  session_request request;
  request.what = what;
  request.octet_stream = asks.octet_stream;
  request.from = {asks.number(), home_.index()};
  request.asked = asks.asked;
  if (what == session_request::kind::post_body) {
    request.body = std::move(asks.exchange().req().body);
    asks.exchange().drop_request();
  }
  asks.at_owner = true;
  // From here on `asks` may be gone: an owner on this lane answers at once.
  const std::uint64_t number = request.from.number;
  const engineio::request wants = request.asked;
  const auto sent = owners_.forward(std::move(request));
  if (sent == forward_result::sent) return;
  if (sent == forward_result::busy) return drop_body(number, wants);
  const auto found = waiting_.find(number);
  if (found != waiting_.end()) refuse(*found->second, engineio::errc::unknown_sid);
}

// A body that the owner cannot take now must not be lost in the middle of a session.
void front::drop_body(std::uint64_t number, const engineio::request& wants) {
  tell_aborted(number, wants);
  answer(number, empty_answer(503));
}

void front::tell_aborted(std::uint64_t number, const engineio::request& wants) {
  session_request request;
  request.what = session_request::kind::aborted;
  request.from = {number, home_.index()};
  request.asked = wants;
  static_cast<void>(owners_.forward(std::move(request)));
}

void front::aborted(std::uint64_t number) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return;
  const auto gone = std::move(found->second);
  waiting_.erase(found);
  if (gone->at_owner) tell_aborted(number, gone->asked);
}

// ---- answers ----

void front::answer(std::uint64_t number, http::response&& content) {
  const auto found = waiting_.find(number);
  if (found != waiting_.end()) answer(*found->second, std::move(content));
}

void front::answer(waiting& asks, http::response&& content) {
  asks.at_owner = false;
  if (!asks.attached()) return asks.keep(std::move(content));  // the body is still coming
  if (asks.coding != http::coding::identity) {
    http::compress(content, asks.coding, *engine_.options().http_compression);
  }
  append(content.headers, asks.more);
  const auto exchange = asks.release();
  waiting_.erase(asks.number());
  exchange->respond(std::move(content));
}

void front::refuse(waiting& asks, engineio::errc why, std::string_view text) {
  const auto refused = engineio::refuse(why, asks.asked.form, text);
  counters_.refused[static_cast<std::size_t>(refused.code)].add();
  engine_.options().log.debug("request refused code={} reason={}", refused.code, refused.context);
  const bool has_request = asks.attached() && asks.exchange().has_request();
  engine_.tell_refused(home_, {.why = refused,
                               .request = has_request ? &asks.exchange().req() : nullptr,
                               .sid = asks.asked.sid ? asks.asked.sid->text() : ""});
  answer(asks, refusal_answer(refused, asks.asked.form));
}

// ---- handshakes ----

void front::handshake(waiting& asks) {
  if (engine_.closing()) return answer(asks, empty_answer(503));
  asks.handshake = make_handshake(asks.exchange().req(), wall_clock_ms());
  const auto& allow = engine_.options().allow_request;
  if (!allow) return finish_handshake(asks);
  const auto info = asks.handshake;
  auto once = std::make_shared<std::atomic_flag>();
  const auto decide = [weak = engine_.weak_from_this(), home = home_.shared_from_this(),
                       number = asks.number(),
                       once = std::move(once)](bool allowed, std::string text) {
    if (once->test_and_set()) return;
    const auto deliver = [weak, number, allowed, text = std::move(text)](lane& here) {
      if (const auto alive = weak.lock()) alive->front_of(here).decided(number, allowed, text);
    };
    static_cast<void>(home->post(deliver));
  };
  try {
    allow(info, decide);
  } catch (...) {
    home_.report_exception();
    decide(false, {});
  }
}

void front::decided(std::uint64_t number, bool allowed, const std::string& refusal_text) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return;
  waiting& asks = *found->second;
  if (!allowed) return refuse(asks, engineio::errc::forbidden, refusal_text);
  finish_handshake(asks);
}

void front::stop_undecided() {
  std::vector<std::uint64_t> undecided;
  for (const auto& [number, asks] : waiting_) {
    if (asks->handshake != nullptr || asks->undecided) undecided.push_back(number);
    asks->undecided = false;
  }
  for (const auto number : undecided) answer(number, empty_answer(503));
}

void front::finish_handshake(waiting& asks) {
  if (const auto why = engineio::refuses_revision(asks.asked, engine_.options().allow_eio3))
    return refuse(asks, *why);
  if (asks.asked.upgrade()) return open_websocket(asks);
  const auto id = new_id(asks, transport_kind::polling);
  if (!id) return refuse(asks, engineio::errc::id_generation_error);
  add_headers(asks.exchange().req(), asks);
  asks.exchange().drop_request();
  const request_key key{asks.number(), home_.index()};
  sessions_.open_polling(*id, asks.asked, std::move(asks.handshake), key);
}

std::optional<session_id> front::new_id(waiting& asks, transport_kind transport) {
  const auto id = engine_.new_id(home_, *asks.handshake);
  if (!id) return id;
  const auto& options = engine_.options();
  if (options.cookie && transport == transport_kind::polling) {
    asks.more.add("Set-Cookie", http::set_cookie(*options.cookie, id->text()));
  }
  if (!options.initial_headers) return id;
  try {
    options.initial_headers(*asks.handshake, *id, transport, asks.more);
  } catch (...) {
    home_.report_exception();
  }
  return id;
}

// ---- WebSocket ----

// Nothing: it is no proper WebSocket request and has been refused.
std::optional<websocket_request> front::websocket_request_of(waiting& asks) {
  const http::request& r = asks.exchange().req();
  websocket_request request;
  request.asked = asks.asked;
  request.key = r.headers.joined("sec-websocket-key").value_or("");
  const std::string connection = r.headers.joined("connection").value_or("");
  const std::string upgrade = r.headers.joined("upgrade").value_or("");
  const std::string version = r.headers.joined("sec-websocket-version").value_or("");
  auto checked = websocket::check_upgrade({"GET", 11, connection, upgrade, request.key, version});
  if (checked) checked = accept_extensions(r, request.extensions);
  if (checked) return request;
  http::response refused;
  refused.status =
      websocket::http_status_for(static_cast<websocket::errc>(checked.error().value()));
  refused.close = true;
  if (refused.status == 426) {
    refused.headers.add("Upgrade", "websocket");
    refused.headers.add("Sec-WebSocket-Version", "13");
  }
  answer(asks, std::move(refused));
  return std::nullopt;
}

// `answer`: what the 101 says, if the client offers what the application wants.
result<void> front::accept_extensions(const http::request& head, std::string& answer) const {
  const auto& deflate = engine_.options().per_message_deflate;
  const auto offers = head.headers.joined("sec-websocket-extensions");
  if (!deflate || !offers) return {};
  auto accepted = websocket::accept_deflate(*offers, *deflate);
  if (!accepted) return accepted.error();
  answer = std::move(*accepted);
  return {};
}

void front::open_websocket(waiting& asks) {
  auto request = websocket_request_of(asks);
  if (!request) return;
  const bool to_websocket = request->asked.transport == engineio::transport_name::websocket;
  const auto id = new_id(asks, transport_kind::websocket);
  if (!id) return refuse(asks, engineio::errc::id_generation_error);
  add_headers(asks.exchange().req(), asks);
  request->more_fields = asks.more.text();
  http::connection* below = asks.exchange().hijack();
  if (below == nullptr || !to_websocket) engine_.forget_id(*id);
  if (below == nullptr) return refuse(asks, engineio::errc::transport_handshake_error);
  const auto info = std::move(asks.handshake);
  waiting_.erase(asks.number());
  plain_link& link =
      plain_link::put_on(*below, engine_.options().max_http_buffer_size, request->deflate());
  // As the reference does: an upgrade with transport=polling is accepted and closed at once.
  if (!to_websocket) return lane_sessions::accept_and_close(link, *request);
  sessions_.open_websocket(*id, info, link, *request);
}

void front::join_websocket(waiting& asks) {
  auto request = websocket_request_of(asks);
  if (!request) return;
  if (engine_.lane_of(*asks.asked.sid) == nullptr) return refuse(asks, engineio::errc::unknown_sid);
  add_headers(asks.exchange().req(), asks);
  request->more_fields = asks.more.text();
  http::connection* on = asks.exchange().hijack();
  if (on == nullptr) return refuse(asks, engineio::errc::transport_handshake_error);
  waiting_.erase(asks.number());
  engine_.join_websocket(home_, *on, std::move(*request));
}

}  // namespace gossamer::transport
