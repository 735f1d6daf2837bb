// What a client said when it connected, and what middleware answers.
#pragma once

#include "actors/ports/connection.hpp"
#include "actors/socketio/args.hpp"
#include "actors/socketio/json_codec.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gossamer {

/// The first request of a connection and the `auth` payload of one namespace. A cheap value; any
/// thread.
class handshake {
 public:
  /// Of a socket that is gone: everything is empty.
  handshake();
  handshake(std::shared_ptr<const handshake_info> info, args auth)
      : info_(std::move(info)), auth_(std::move(auth)) {}

  [[nodiscard]] std::string_view url() const { return info_->url(); }
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const {
    return info_->header(name);
  }
  /// A query parameter, percent-decoded; of several with this name the last one, as in Node.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const {
    return info_->query(name);
  }
  [[nodiscard]] std::string_view address() const { return info_->address(); }
  [[nodiscard]] bool secure() const { return info_->secure(); }
  [[nodiscard]] bool xdomain() const { return info_->xdomain(); }
  /// Wall clock, milliseconds since 1970.
  [[nodiscard]] std::int64_t issued_ms() const { return info_->issued_ms(); }
  [[nodiscard]] const handshake_info& info() const { return *info_; }

  /// The whole auth payload as it came: one JSON object, or none.
  [[nodiscard]] const args& auth_args() const { return auth_; }
  /// The auth payload; an empty object if the client sent none.
  [[nodiscard]] boost::json::value auth() const;
  /// One member of the auth payload; null if there is none.
  [[nodiscard]] boost::json::value auth(std::string_view key) const;

 private:
  std::shared_ptr<const handshake_info> info_;
  args auth_;
};

/// A middleware's refusal: CONNECT_ERROR with `message` and, if given, `data`.
struct refusal {
  std::string message;
  std::optional<std::string> data_json;  // JSON text
};

/// A middleware's answer: the client may go on to the next middleware, or not.
class admission {
 public:
  admission(refusal why) : refused_(std::move(why)) {}  // NOLINT: `return refuse(...)`
  admission(std::shared_ptr<void> data, const void* type) : data_(std::move(data)), type_(type) {}
  [[nodiscard]] const std::optional<refusal>& refused() const { return refused_; }
  /// The value for `socket.data<T>()`, with the address that stands for its type; null if none was
  /// given.
  [[nodiscard]] const std::shared_ptr<void>& data() const { return data_; }
  [[nodiscard]] const void* data_type() const { return type_; }

 private:
  std::optional<refusal> refused_;
  std::shared_ptr<void> data_;
  const void* type_ = nullptr;
};

namespace detail {
/// One address per type: tells typed data apart without RTTI.
template <class T>
[[nodiscard]] const void* type_key() {
  static const char key = 0;
  return &key;
}
}  // namespace detail

/// The client may go on.
[[nodiscard]] inline admission admit() {
  return {nullptr, nullptr};
}
/// The client may go on, and `value` becomes `socket.data<T>()`.
template <class T>
[[nodiscard]] admission admit(T value) {
  return {std::make_shared<std::decay_t<T>>(std::move(value)), detail::type_key<std::decay_t<T>>()};
}

/// The client gets CONNECT_ERROR with this message.
[[nodiscard]] inline refusal refuse(std::string message) {
  return {std::move(message), {}};
}
/// ... and with this data: anything that converts to JSON, e.g. `{{"retry", false}}`.
[[nodiscard]] refusal refuse(std::string message, const boost::json::value& data);

}  // namespace gossamer
