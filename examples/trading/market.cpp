#include "market.hpp"

#include <algorithm>

namespace trading {

using gossamer::failure;

gossamer::outcome<void> market::check(const order& what) {
  const bool name_is_fine = !what.symbol.empty() && what.symbol.size() <= 12 &&
                            std::all_of(what.symbol.begin(), what.symbol.end(),
                                        [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!name_is_fine) return failure{"bad_symbol", "a symbol is 1 to 12 letters from A to Z"};
  if (what.side != "buy" && what.side != "sell") return failure{"bad_side", "buy or sell"};
  if (what.price < 1 || what.price > price_max) {
    return failure{"bad_price", "1 to " + std::to_string(price_max) + " cents"};
  }
  if (what.quantity < 1 || what.quantity > quantity_max) {
    return failure{"bad_quantity", "1 to " + std::to_string(quantity_max)};
  }
  return {};
}

gossamer::outcome<market::done> market::place(const owner& who, const order& what) {
  if (auto fine = check(what); !fine) return fine.error();
  if (open_of_[who].size() >= open_max) {
    return failure{"too_many_orders", std::to_string(open_max) + " are open"};
  }
  if (!books_.contains(what.symbol) && books_.size() >= symbols_max) {
    return failure{"bad_symbol", "the market has no room for another one"};
  }
  book& in = books_[what.symbol];
  done out;
  out.answer.id = ++last_id_;
  out.answer.open = what.quantity;
  const bool is_bid = what.side == "buy";
  if (is_bid) {
    match(
        in.asks, [&](std::int64_t ask) { return ask <= what.price; }, who, what, out);
  } else {
    match(
        in.bids, [&](std::int64_t bid) { return bid >= what.price; }, who, what, out);
  }
  if (out.answer.open == 0) return out;
  queue& rest = is_bid ? in.bids[what.price] : in.asks[what.price];
  rest.push_back({out.answer.id, who, out.answer.open});
  open_of_[who].emplace(out.answer.id, place_of{what.symbol, is_bid, what.price});
  return out;
}

// Trades at the price of the order that was there first.
template <class Side, class Crosses>
void market::match(Side& side, Crosses crosses, const owner& who, const order& what, done& out) {
  while (out.answer.open > 0 && !side.empty() && crosses(side.begin()->first)) {
    auto& [price, waiting] = *side.begin();
    resting& other = waiting.front();
    const auto quantity = std::min(out.answer.open, other.open);
    out.answer.open -= quantity;
    out.answer.filled += quantity;
    other.open -= quantity;
    out.fills.push_back({other.who, {other.id, price, quantity, other.open}});
    out.fills.push_back({who, {out.answer.id, price, quantity, out.answer.open}});
    out.trades.push_back({what.symbol, price, quantity});
    if (other.open != 0) continue;
    forget(other.who, other.id);
    waiting.pop_front();
    if (waiting.empty()) side.erase(side.begin());
  }
}

gossamer::outcome<std::int64_t> market::cancel(const owner& who, std::uint64_t id) {
  const auto mine = open_of_.find(who);
  if (mine == open_of_.end() || !mine->second.contains(id)) {
    return failure{"no_such_order", "you have no open order " + std::to_string(id)};
  }
  return take_out(who, id);
}

std::int64_t market::take_out(const owner& who, std::uint64_t id) {
  const place_of where = open_of_[who].at(id);
  book& in = books_[where.symbol];
  const auto take_from = [&](auto& side) {
    queue& waiting = side[where.price];
    const auto found =
        std::find_if(waiting.begin(), waiting.end(), [id](const auto& o) { return o.id == id; });
    const auto open = found->open;
    waiting.erase(found);
    if (waiting.empty()) side.erase(where.price);
    return open;
  };
  const auto open = where.is_bid ? take_from(in.bids) : take_from(in.asks);
  forget(who, id);
  return open;
}

void market::forget(const owner& who, std::uint64_t id) {
  const auto mine = open_of_.find(who);
  mine->second.erase(id);
  if (mine->second.empty()) open_of_.erase(mine);
}

void market::leave(const owner& who) {
  for (auto mine = open_of_.find(who); mine != open_of_.end(); mine = open_of_.find(who)) {
    if (mine->second.empty()) {
      open_of_.erase(mine);
      return;
    }
    take_out(who, mine->second.begin()->first);
  }
}

book_view market::view(const std::string& symbol) const {
  book_view seen;
  const auto found = books_.find(symbol);
  if (found == books_.end()) return seen;
  const auto add = [](const auto& side, std::vector<level>& to) {
    for (const auto& [price, waiting] : side) {
      level& at = to.emplace_back(level{price, 0});
      for (const auto& each : waiting) at.quantity += each.open;
    }
  };
  add(found->second.bids, seen.bids);
  add(found->second.asks, seen.asks);
  return seen;
}

}  // namespace trading
