#include "actors/include/gossamer/handshake.hpp"

#include <boost/json/serialize.hpp>

namespace gossamer {
namespace {

// The handshake of a socket that is gone.
class no_handshake final : public handshake_info {
 public:
  [[nodiscard]] std::string_view url() const override { return {}; }
  [[nodiscard]] std::optional<std::string> header(std::string_view) const override { return {}; }
  [[nodiscard]] std::optional<std::string> query(std::string_view) const override { return {}; }
  void each_header(visitor, void*) const override {}
  void each_query(visitor, void*) const override {}
  [[nodiscard]] std::string_view address() const override { return {}; }
  [[nodiscard]] bool secure() const override { return false; }
  [[nodiscard]] bool xdomain() const override { return false; }
  [[nodiscard]] std::int64_t issued_ms() const override { return 0; }
};

}  // namespace

handshake::handshake() : info_(std::make_shared<no_handshake>()) {}

boost::json::value handshake::auth() const {
  return auth_.empty() ? boost::json::object() : auth_.at(0);
}

boost::json::value handshake::auth(std::string_view key) const {
  const auto all = auth();
  const auto* object = all.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains(key);
  return found == nullptr ? boost::json::value() : *found;
}

refusal refuse(std::string message, const boost::json::value& data) {
  return {std::move(message), boost::json::serialize(data)};
}

}  // namespace gossamer
