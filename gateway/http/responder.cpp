#include "gateway/http/responder.hpp"

#include "gateway/http/connection.hpp"
#include "gateway/http/cookie.hpp"
#include "gateway/http/exchange.hpp"
#include "gateway/http/percent.hpp"
#include "runtime/base/check.hpp"
#include "runtime/lanes/lane.hpp"

#include <atomic>

namespace gossamer::http {

// Shared by all copies. The exchange is touched on its lane only, so the last copy, wherever it is
// dropped, sends it home.
struct routed_state {
  routed_state(lane& where, std::shared_ptr<exchange> incoming, route_params parameters)
      : home(where.shared_from_this()),
        on(std::move(incoming)),
        incoming_request(&on->req()),
        params(std::move(parameters)) {}
  routed_state(const routed_state&) = delete;
  routed_state& operator=(const routed_state&) = delete;
  ~routed_state() {
    if (on == nullptr || home->is_current()) return;
    static_cast<void>(home->post([going = std::move(on)]() mutable { going.reset(); }));
  }

  void deliver(response&& final) {
    if (answered.exchange(true)) return;
    if (home->is_current()) return on->respond(std::move(final));
    // The copy keeps the exchange there; if the lane has ended nobody waits any more.
    static_cast<void>(home->post(
        [to = on, answer = std::move(final)]() mutable { to->respond(std::move(answer)); }));
  }

  std::shared_ptr<lane> home;  // responders may outlive the lanes, and then do nothing
  std::shared_ptr<exchange> on;
  const request* incoming_request;
  route_params params;
  response answer;
  std::atomic<bool> answered{false};
};

std::shared_ptr<routed_state> make_routed(std::shared_ptr<exchange> incoming, route_params params) {
  lane* here = lane::current();
  GOSSAMER_CHECK(here != nullptr);
  return std::make_shared<routed_state>(*here, std::move(incoming), std::move(params));
}

const request& routed_request::raw() const {
  return *state_->incoming_request;
}
http::method routed_request::method() const {
  return raw().method;
}
std::string_view routed_request::path() const {
  return raw().path();
}
const std::string& routed_request::body() const {
  return raw().body;
}
std::string routed_request::ip() const {
  return raw().peer.ip();
}
bool routed_request::secure() const {
  return raw().secure;
}

std::string routed_request::param(std::string_view name) const {
  for (const auto& [key, value] : state_->params) {
    if (key == name) return value;
  }
  return {};
}

std::optional<std::string> routed_request::query(std::string_view name) const {
  return query_parameter(raw().query(), name);
}

std::optional<std::string> routed_request::header(std::string_view name) const {
  return raw().headers.joined(name);
}

std::optional<std::string> routed_request::cookie(std::string_view name) const {
  const auto field = raw().headers.find("Cookie");
  return field ? find_cookie(*field, name) : std::nullopt;
}

responder& responder::status(unsigned code) {
  state_->answer.status = code >= 200 && code <= 599 ? code : 500;
  return *this;
}

responder& responder::header(std::string_view name, std::string_view value) {
  state_->answer.headers.set(name, value);
  return *this;
}

void responder::send(std::string_view body) {
  auto& answer = state_->answer;
  if (!answer.headers.has("Content-Type")) type("text/plain; charset=utf-8");
  answer.body = body;
  finish();
}

void responder::json(std::string_view text) {
  if (!state_->answer.headers.has("Content-Type")) type("application/json; charset=utf-8");
  state_->answer.body = text;
  finish();
}

void responder::end() {
  finish();
}

void responder::redirect(std::string_view location) {
  if (state_->answer.status / 100 != 3) status(302);
  header("Location", location);
  finish();
}

void responder::respond(response&& answer) {
  state_->deliver(std::move(answer));
}

void responder::finish() {
  state_->deliver(std::exchange(state_->answer, {}));
}

}  // namespace gossamer::http
