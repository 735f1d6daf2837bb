// A small market: typed events and acks, an application's errors, a question to the client.
// PORT (3000; 0 is any) says where to listen.
#include "examples/common/serve.hpp"
#include "market.hpp"

namespace {

using namespace trading;
using shared_market = gossamer::guarded<market>;

constexpr std::int64_t large = 10'000;
constexpr gossamer::milliseconds confirm_within{2'000};

/// One client. Made when it connects, destroyed after its disconnect.
class trader {
 public:
  trader(gossamer::socket s, gossamer::server& io, shared_market& m)
      : socket_(s), io_(io), market_(m) {}

  /// Runs to its end before the client's next `place` or `cancel` starts (see `in_order` below).
  gossamer::task<gossamer::outcome<placed>> on_place(order what) {
    if (auto fine = market::check(what); !fine) co_return fine.error();
    if (what.quantity >= large) {
      const auto sure = co_await socket_.timeout(confirm_within).ask(confirm, what);
      if (!sure || !*sure)
        co_return gossamer::failure{"not_confirmed", "a large order needs a yes"};
    }
    co_return market_.with([&](market& all) -> gossamer::outcome<placed> {
      auto done = all.place(socket_.id(), what);
      if (!done) return done.error();
      // Under the lock, so that everybody hears of trades in the order in which they happened.
      for (const auto& [who, part] : done->fills) io_.to(who).emit(filled.name, part);
      for (const auto& each : done->trades) io_.to("symbol " + each.symbol).emit(traded.name, each);
      return done->answer;
    });
  }

  gossamer::outcome<std::int64_t> on_cancel(std::uint64_t id) {
    return market_.with([&](market& all) { return all.cancel(socket_.id(), id); });
  }

  book_view on_watch(const std::string& symbol) {
    return market_.with([&](const market& all) {
      socket_.join("symbol " + symbol);
      return all.view(symbol);
    });
  }

  void on_disconnect(gossamer::disconnect_reason) {
    market_.with([&](market& all) { all.leave(socket_.id()); });
  }

 private:
  gossamer::socket socket_;
  gossamer::server& io_;
  shared_market& market_;
};

}  // namespace

int main() {
  shared_market all;
  gossamer::server io;
  io.sockets()
      .attach<trader>(std::ref(io), std::ref(all))
      .on(place, gossamer::in_order(&trader::on_place))
      .on(cancel, gossamer::in_order(&trader::on_cancel))
      .on(watch, &trader::on_watch)
      .on_disconnect(&trader::on_disconnect);
  return examples::serve(io);
}
