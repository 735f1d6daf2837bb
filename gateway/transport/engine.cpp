#include "gateway/transport/engine.hpp"

#include "gateway/engineio/query.hpp"
#include "gateway/http/connection_registry.hpp"
#include "gateway/http/tls_filter.hpp"
#include "gateway/transport/relay.hpp"
#include "gateway/transport/websocket_link.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"
#include "runtime/lanes/lane_group.hpp"

#include <utility>

namespace gossamer::transport {
namespace {

std::size_t index_of(const lane& here) {
  return static_cast<std::size_t>(here.index());
}

bool is_post_of_session(const http::request& r) {
  if (r.method != http::method::post) return false;
  const auto sid =
      engineio::find_parameter(engineio::query_of(r.target), "sid", engineio::which::last);
  return sid && !sid->empty();
}

std::size_t cost_of(const std::string& body) {
  return 256 + body.size();
}

}  // namespace

// Sends requests to the lane that the sid names.
class engine::lane_router final : public session_owner {
 public:
  lane_router(engine& owner, lane& home, lane_counters& counters)
      : engine_(owner), home_(home), counters_(counters) {}

  [[nodiscard]] forward_result forward(session_request&& request) override {
    lane* owner = engine_.lane_of(*request.asked.sid);
    if (owner == nullptr) return forward_result::no_owner;
    if (owner == &home_) {
      engine_.sessions_of(home_).handle(std::move(request));
      return forward_result::sent;
    }
    counters_.forwarded.add();
    // Only bodies are data: what is small and due must not be refused.
    const auto kind = request.body.empty() ? post_kind::control : post_kind::data;
    const std::size_t cost = cost_of(request.body);
    auto deliver = [alive = engine_.shared_from_this(), request = std::move(request)](
                       lane& here) mutable { alive->sessions_of(here).handle(std::move(request)); };
    switch (owner->post(std::move(deliver), cost, kind)) {
      case post_result::accepted: return forward_result::sent;
      case post_result::full: return forward_result::busy;
      case post_result::closed: return forward_result::no_owner;
    }
    return forward_result::no_owner;
  }

 private:
  engine& engine_;
  lane& home_;
  lane_counters& counters_;
};

struct engine::on_lane {
  on_lane(engine& owner, lane& here)
      : home(here),
        sessions(owner, here, counters),
        router(owner, here, counters),
        requests(owner, here, sessions, router, counters) {}
  lane& home;
  lane_counters counters;
  lane_sessions sessions;
  lane_router router;
  front requests;
};

std::shared_ptr<engine> engine::make(http::server& below, session_acceptor& above,
                                     engine_options options) {
  return std::shared_ptr<engine>(new engine(below, above, std::move(options)));
}

engine::engine(http::server& below, session_acceptor& above, engine_options options)
    : below_(below),
      acceptor_(above),
      options_(std::move(options)),
      path_(engineio::mount_path(options_)) {
  lane_group& lanes = below_.lanes();
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    lanes_.push_back(std::make_unique<on_lane>(*this, lanes.at(i)));
  }
}

engine::~engine() = default;

// ---- requests ----

http::route_choice engine::choose(const http::request& head) {
  if (!is_post_of_session(head)) return {shared_from_this(), options_.max_http_buffer_size};
  return {front_of(*lane::current()).post_begins(head), options_.max_http_buffer_size};
}

void engine::on_request(std::shared_ptr<http::exchange> incoming) {
  front& here = front_of(*lane::current());
  if (!is_post_of_session(incoming->req())) return here.on_request(std::move(incoming));
  // Mounted by a route table that does not ask choose().
  const auto whole = here.post_begins(incoming->req());
  whole->on_request(std::move(incoming));
}

void engine::answer(const lane& here, session_answer&& with) {
  if (with.to.none()) return;
  if (with.to.front == here.index()) {
    return front_of(here).answer(with.to.number, std::move(with.content));
  }
  lane& to = below_.lanes().at(with.to.front);
  const std::size_t cost = cost_of(with.content.body);
  auto deliver = [alive = shared_from_this(), with = std::move(with)](lane& at) mutable {
    alive->front_of(at).answer(with.to.number, std::move(with.content));
  };
  static_cast<void>(to.post(std::move(deliver), cost));
}

front& engine::front_of(const lane& here) {
  return lanes_[index_of(here)]->requests;
}

lane_sessions& engine::sessions_of(const lane& here) {
  return lanes_[index_of(here)]->sessions;
}

// ---- ids ----

std::optional<session_id> engine::new_id(lane& here, const handshake_info& about) {
  if (options_.generate_id) return own_id(here, about);
  return session_id(here.random(), options_.tag, here.index());
}

std::optional<session_id> engine::own_id(lane& here, const handshake_info& about) {
  std::optional<session_id> id;
  try {
    id = session_id::parse(options_.generate_id(about));
  } catch (...) {
    here.report_exception();
  }
  if (!id) return std::nullopt;
  const std::scoped_lock lock(own_ids_mutex_);
  if (!own_ids_.emplace(*id, here.index()).second) return std::nullopt;
  return id;
}

void engine::forget_id(const session_id& id) {
  if (!options_.generate_id) return;
  const std::scoped_lock lock(own_ids_mutex_);
  own_ids_.erase(id);
}

lane* engine::lane_of(const session_id& id) {
  lane_index index = id.lane();
  if (options_.generate_id) {
    const std::scoped_lock lock(own_ids_mutex_);
    const auto found = own_ids_.find(id);
    if (found == own_ids_.end()) return nullptr;
    index = found->second;
  }
  const auto at = static_cast<std::size_t>(index);
  return at < lanes_.size() ? &lanes_[at]->home : nullptr;
}

void engine::tell_refused(lane& here, const refused_request& refused) const {
  if (!options_.connection_error) return;
  try {
    options_.connection_error(refused);
  } catch (...) {
    here.report_exception();
  }
}

// ---- WebSocket of another lane ----

void engine::join_websocket(lane& here, http::connection& on, websocket_request&& request) {
  lane* owner = lane_of(*request.asked.sid);
  GOSSAMER_CHECK(owner != nullptr);
  const std::size_t message_max = options_.max_http_buffer_size;
  if (owner == &here) {
    plain_link& link = plain_link::put_on(on, message_max, request.deflate());
    return sessions_of(here).join_websocket(link, request);
  }
  http::detached_connection moved = on.detach();
  if (moved.fd < 0) return relay_websocket(here, *owner, on, std::move(request));
  lanes_[index_of(here)]->counters.websockets_moved.add();
  auto deliver = [alive = shared_from_this(), moved = std::move(moved),
                  request = std::move(request), message_max](lane& at) mutable {
    http::connection& arrived = alive->below_.registry(at.index()).adopt(std::move(moved));
    plain_link& link = plain_link::put_on(arrived, message_max, request.deflate());
    alive->sessions_of(at).join_websocket(link, request);
  };
  static_cast<void>(owner->post(std::move(deliver)));
}

void engine::relay_websocket(lane& here, lane& owner, http::connection& on,
                             websocket_request&& request) {
  lanes_[index_of(here)]->counters.websockets_relayed.add();
  auto shared = std::make_shared<relay>(relay{shared_from_this(), here, owner});
  on.become(std::make_unique<relay_front>(on, shared));
  auto deliver = [shared = std::move(shared), request = std::move(request)](lane& at) {
    if (shared->link == nullptr)
      shared->owner_engine->sessions_of(at).join_relayed(shared, request);
  };
  static_cast<void>(owner.post(std::move(deliver)));
}

// ---- figures and the end ----

engine_stats engine::stats() const {
  engine_stats sum;
  add_to(sum);
  return sum;
}

void engine::add_to(engine_stats& sum) const {
  for (const auto& each : lanes_) each->counters.add_to(sum);
}

void engine::close(milliseconds at_most, std::function<void()> done) {
  if (closing_.exchange(true)) return;
  // Called by each lane, the last one reports.
  auto left = std::make_shared<std::atomic<std::size_t>>(lanes_.size());
  const auto one_less = [left, done = std::move(done)] {
    if (left->fetch_sub(1) == 1 && done) done();
  };
  for (const auto& each : lanes_) {
    auto deliver = [alive = shared_from_this(), at_most, one_less](lane& here) {
      alive->front_of(here).stop_undecided();
      alive->sessions_of(here).close_all(here.now() + at_most, one_less);
    };
    if (each->home.post(std::move(deliver)) != post_result::accepted) one_less();
  }
}

}  // namespace gossamer::transport
