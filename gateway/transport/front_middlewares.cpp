// What the front does with the application's middlewares.
#include "gateway/transport/answers.hpp"
#include "gateway/transport/engine.hpp"
#include "gateway/transport/front.hpp"
#include "gateway/transport/waiting.hpp"

#include <utility>

namespace gossamer::transport {
namespace {

// Where a decision goes that is made before the middleware's call returns. Touched on the lane
// only.
struct early_outcome {
  bool in_call = true;
  std::optional<middleware_outcome> outcome;
};

}  // namespace

const middleware_list::version* front::middlewares() const {
  const auto& all = engine_.options().middlewares;
  return all == nullptr ? nullptr : all->now();
}

// Asks those that were not asked yet. False: one of them has answered, or decides later.
bool front::passes(waiting& asks) {
  if (asks.middlewares == nullptr) return true;
  while (asks.middlewares_asked < asks.middlewares->size()) {
    auto outcome = outcome_of((*asks.middlewares)[asks.middlewares_asked++], asks);
    asks.undecided = !outcome;
    if (asks.undecided || !takes(asks, std::move(*outcome))) return false;
  }
  return true;
}

// Nothing: it decides later.
std::optional<middleware_outcome> front::outcome_of(const middleware& one, waiting& asks) {
  try {
    const auto* quick = one.at_once();
    if (quick == nullptr) return ask_later(one, asks);
    return middleware_outcome{(*quick)(*asks.head, asks.more), {}, false};
  } catch (...) {
    home_.report_exception();
    return middleware_outcome{{}, {}, true};
  }
}

std::optional<middleware_outcome> front::ask_later(const middleware& one, waiting& asks) {
  const auto early = std::make_shared<early_outcome>();
  const auto deliver = [early, weak = engine_.weak_from_this(), home = home_.shared_from_this(),
                        number = asks.number()](middleware_outcome&& outcome) {
    if (home->is_current() && early->in_call) {
      early->outcome = std::move(outcome);
      return;
    }
    auto there = [weak, number, outcome = std::move(outcome)](lane& here) mutable {
      if (const auto alive = weak.lock()) alive->front_of(here).resume(number, std::move(outcome));
    };
    static_cast<void>(home->post(std::move(there)));
  };
  try {
    one.later()(*asks.head, middleware_next(deliver));
  } catch (...) {
    early->in_call = false;
    throw;
  }
  early->in_call = false;
  return std::move(early->outcome);
}

// False: the request is answered.
bool front::takes(waiting& asks, middleware_outcome&& outcome) {
  append(asks.more, outcome.more);
  if (outcome.failed) {
    refuse(asks, engineio::errc::middleware_failure);
    return false;
  }
  if (!outcome.own) return true;
  outcome.own->close = outcome.own->close || asks.asked.upgrade();
  answer(asks, std::move(*outcome.own));
  return false;
}

void front::resume(std::uint64_t number, middleware_outcome&& outcome) {
  auto found = waiting_.find(number);
  if (found == waiting_.end() || !found->second->undecided) return;
  waiting& asks = *found->second;
  asks.undecided = false;
  if (!takes(asks, std::move(outcome)) || !passes(asks)) return;
  if (!asks.is_post) return go_on(asks);
  announce_post(asks);
  // Its body may have come meanwhile, and the session may have answered at once.
  found = waiting_.find(number);
  if (found != waiting_.end() && found->second->attached()) deliver_body(*found->second);
}

}  // namespace gossamer::transport
