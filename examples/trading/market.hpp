// The market: books of open orders, matched by price and then by age. Pure: no socket, no clock.
//
// Limits: `symbols_max` symbols, `open_max` open orders of one owner.
// Errors: gossamer::failure with the codes `bad_symbol`, `bad_side`, `bad_price`, `bad_quantity`,
// `too_many_orders`, `no_such_order`.
#pragma once

#include "words.hpp"
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <gossamer/errc.hpp>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace trading {

using owner = std::string;  // a socket's id

class market {
 public:
  static constexpr std::size_t symbols_max = 1'000;
  static constexpr std::size_t open_max = 100;
  static constexpr std::int64_t price_max = 100'000'000;
  static constexpr std::int64_t quantity_max = 1'000'000;

  struct done {
    placed answer;
    std::vector<std::pair<owner, fill>> fills;  // both sides, in the order of the trades
    std::vector<trade> trades;
  };

  /// Is this an order at all?
  [[nodiscard]] static gossamer::outcome<void> check(const order& what);
  [[nodiscard]] gossamer::outcome<done> place(const owner& who, const order& what);
  /// What was still open of it.
  [[nodiscard]] gossamer::outcome<std::int64_t> cancel(const owner& who, std::uint64_t id);
  /// Takes all of its orders back.
  void leave(const owner& who);
  [[nodiscard]] book_view view(const std::string& symbol) const;

 private:
  struct resting {
    std::uint64_t id;
    owner who;
    std::int64_t open;
  };
  using queue = std::deque<resting>;
  struct book {
    std::map<std::int64_t, queue, std::greater<>> bids;
    std::map<std::int64_t, queue> asks;
  };
  struct place_of {
    std::string symbol;
    bool is_bid;
    std::int64_t price;
  };

  template <class Side, class Crosses>
  void match(Side& side, Crosses crosses, const owner& who, const order& what, done& out);
  std::int64_t take_out(const owner& who, std::uint64_t id);
  void forget(const owner& who, std::uint64_t id);

  std::map<std::string, book> books_;
  std::unordered_map<owner, std::map<std::uint64_t, place_of>> open_of_;
  std::uint64_t last_id_ = 0;
};

}  // namespace trading
