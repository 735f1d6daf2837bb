#include "gateway/http/exchange.hpp"

#include "gateway/http/connection.hpp"
#include "gateway/http/http_protocol.hpp"

#include <utility>

namespace gossamer::http {

exchange::exchange(http_protocol& owner, std::uint32_t number, std::unique_ptr<request> incoming)
    : owner_(&owner),
      request_(std::move(incoming)),
      number_(number),
      upgrade_(request_->is_websocket_upgrade()) {}

exchange::~exchange() {
  if (open()) owner_->dropped(number_);
}

void exchange::respond(response&& answer) {
  if (!open()) return;
  listener_ = nullptr;
  std::exchange(owner_, nullptr)->answer(number_, std::move(answer));
}

connection* exchange::connection_or_null() const {
  return open() ? &owner_->connection_ : nullptr;
}

connection* exchange::hijack() {
  if (!open() || !upgrade_) return nullptr;
  connection* freed = owner_->hijack(number_);
  if (freed == nullptr) return nullptr;
  owner_ = nullptr;
  listener_ = nullptr;
  return freed;
}

void exchange::client_gone(bool tell) {
  owner_ = nullptr;
  auto* told = std::exchange(listener_, nullptr);
  if (tell && told != nullptr) told->on_abort(*this);
}

}  // namespace gossamer::http
