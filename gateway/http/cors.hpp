// Cross-origin resource sharing, decided as the `cors` package for Node decides it.
//
// Pure. `decide` says which fields an answer gets, and whether the request is a preflight that is
// to be answered at once.
//
//     origin              Access-Control-Allow-Origin      Vary
//     any()               *                                -
//     a fixed origin      that origin, whoever asks        Origin
//     list, pattern,      the request's origin if it       Origin
//     reflect             matches, else no field
//     predicate           as the policy it returns; none: no CORS at all
#pragma once

#include "gateway/http/header_fields.hpp"
#include "gateway/http/request.hpp"
#include "gateway/http/response.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gossamer::http {

/// Which origins are allowed. A value; copies share what is large.
class origin_policy {
 public:
  /// Decides for one request; gets the Origin field, empty if there is none. May be called on
  /// several lanes at once. No value: the request is treated as if CORS were off.
  using predicate = std::function<std::optional<origin_policy>(std::string_view origin)>;

  /// Any origin, told as `*`.
  origin_policy() = default;
  [[nodiscard]] static origin_policy any() { return {}; }
  /// One origin; `*` is any(), an empty one is no CORS at all.
  [[nodiscard]] static origin_policy fixed(std::string origin);
  /// Every origin, told by its name.
  [[nodiscard]] static origin_policy reflect();
  /// Origins that match somewhere (ECMAScript syntax; anchor it with ^ and $). Origins over 512
  /// bytes never match. Throws std::regex_error for a bad pattern: at start, by the program.
  [[nodiscard]] static origin_policy pattern(const std::string& expression);
  /// Origins that one of the members allows; a fixed one has to match. Braced texts fit both.
  [[nodiscard]] static origin_policy list(std::vector<origin_policy> members);
  [[nodiscard]] static origin_policy list(const std::vector<std::string>& origins);
  [[nodiscard]] static origin_policy decided_by(predicate decide);

 private:
  friend class cors;
  struct any_origin {};
  struct reflected {};
  struct members {
    std::vector<origin_policy> of;
  };
  using rule = std::variant<any_origin, std::string, reflected, std::shared_ptr<const std::regex>,
                            std::shared_ptr<const members>, std::shared_ptr<const predicate>>;
  [[nodiscard]] bool allows(std::string_view origin) const;

  rule rule_;
};

struct cors_options {
  origin_policy origin;
  bool credentials = false;
  std::string methods = "GET,HEAD,PUT,PATCH,POST,DELETE";
  /// Comma-separated; none: what the preflight asks for is allowed.
  std::optional<std::string> allowed_headers;
  std::optional<std::string> exposed_headers;
  std::optional<std::uint32_t> max_age;  // seconds
  unsigned preflight_status = 204;
  bool preflight_continue = false;  // the handler answers OPTIONS itself
};

struct cors_decision {
  header_fields headers;   // for the answer, whoever gives it
  bool preflight = false;  // answer preflight_response() now
};

class cors {
 public:
  explicit cors(cors_options options) : options_(std::move(options)) {}

  /// Any thread. A predicate that throws lets the exception through.
  [[nodiscard]] cors_decision decide(method verb, const header_fields& request) const;
  /// The answer to a preflight, with `Content-Length: 0`.
  [[nodiscard]] response preflight_response(const cors_decision& decided) const;

 private:
  void allow_origin(const origin_policy& policy, std::string_view origin, header_fields& out) const;
  void allow_headers(const header_fields& request, header_fields& out) const;

  cors_options options_;
};

/// Adds the fields of a decision to an answer: `Vary` is merged, the others are set.
void apply(const header_fields& decided, header_fields& to);

}  // namespace gossamer::http
