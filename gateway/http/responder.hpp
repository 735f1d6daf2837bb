// What a route's function gets: the request with its parameters, and the answer to be.
//
// Both are small handles that may be copied and kept; the exchange stays open until it is answered.
// Once the last copy is gone without an answer, the client gets 500.
#pragma once

#include "gateway/http/request.hpp"
#include "gateway/http/response.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer::http {

class exchange;
struct routed_state;

using route_params = std::vector<std::pair<std::string, std::string>>;

/// Any thread; the request does not change.
class routed_request {
 public:
  explicit routed_request(std::shared_ptr<routed_state> state) : state_(std::move(state)) {}

  [[nodiscard]] http::method method() const;
  [[nodiscard]] std::string_view path() const;
  /// A parameter of the route; empty if it has none of that name.
  [[nodiscard]] std::string param(std::string_view name) const;
  /// A query parameter, decoded; the first one of that name.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
  /// A field; repeated ones joined with ", ".
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> cookie(std::string_view name) const;
  [[nodiscard]] const std::string& body() const;
  [[nodiscard]] std::string ip() const;
  [[nodiscard]] bool secure() const;
  [[nodiscard]] const request& raw() const;

 private:
  std::shared_ptr<routed_state> state_;
};

/// `send`, `json`, `end` and `respond` may be called on any thread, by one at a time; the first of
/// them answers, later ones do nothing.
class responder {
 public:
  explicit responder(std::shared_ptr<routed_state> state) : state_(std::move(state)) {}

  responder& status(unsigned code);
  /// Replaces fields of that name.
  responder& header(std::string_view name, std::string_view value);
  responder& type(std::string_view content_type) { return header("Content-Type", content_type); }
  /// Text; without a type it is `text/plain; charset=utf-8`.
  void send(std::string_view body);
  /// Text that is JSON already.
  void json(std::string_view text);
  /// No body.
  void end();
  /// 302 to `location`, or the status that was set if it is 3xx.
  void redirect(std::string_view location);
  /// A whole answer instead of what was set.
  void respond(response&& answer);

 private:
  void finish();

  std::shared_ptr<routed_state> state_;
};

/// Makes both for an exchange. Runs on: its lane.
[[nodiscard]] std::shared_ptr<routed_state> make_routed(std::shared_ptr<exchange> incoming,
                                                        route_params params);

}  // namespace gossamer::http
