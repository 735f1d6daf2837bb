// What clients and server say to each other: the types of events and acks.
#pragma once

#include <boost/describe/class.hpp>

#include <cstdint>
#include <gossamer/event.hpp>
#include <string>
#include <vector>

namespace trading {

/// Prices are whole cents, so that nothing is lost by rounding.
struct order {
  std::string symbol;
  std::string side;  // "buy" or "sell"
  std::int64_t price = 0;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(order, (), (symbol, side, price, quantity))

struct placed {
  std::uint64_t id = 0;
  std::int64_t filled = 0;  // at once
  std::int64_t open = 0;    // waits in the book
};
BOOST_DESCRIBE_STRUCT(placed, (), (id, filled, open))

/// To both sides of a trade.
struct fill {
  std::uint64_t id = 0;  // of one's own order
  std::int64_t price = 0;
  std::int64_t quantity = 0;
  std::int64_t open = 0;  // what is left of the order
};
BOOST_DESCRIBE_STRUCT(fill, (), (id, price, quantity, open))

/// To everybody who watches the symbol.
struct trade {
  std::string symbol;
  std::int64_t price = 0;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(trade, (), (symbol, price, quantity))

struct level {
  std::int64_t price = 0;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(level, (), (price, quantity))

/// A symbol's open orders by price, best first.
struct book_view {
  std::vector<level> bids;
  std::vector<level> asks;
};
BOOST_DESCRIBE_STRUCT(book_view, (), (bids, asks))

inline constexpr gossamer::event<order, placed> place{"place"};
inline constexpr gossamer::event<std::uint64_t, std::int64_t> cancel{"cancel"};
inline constexpr gossamer::event<std::string, book_view> watch{"watch"};
/// The server asks the client before it takes a large order.
inline constexpr gossamer::event<order, bool> confirm{"confirm"};
inline constexpr gossamer::event<fill> filled{"filled"};
inline constexpr gossamer::event<trade> traded{"traded"};

}  // namespace trading
