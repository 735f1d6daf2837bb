#include "gateway/http/cors.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::http {
namespace {

// std::regex recurses; a longer origin is no origin (RFC 6454: scheme, host, port).
constexpr std::size_t origin_bytes_max = 512;

bool matches(const std::regex& expression, std::string_view origin) {
  if (origin.size() > origin_bytes_max) return false;
  try {
    return std::regex_search(origin.begin(), origin.end(), expression);
  } catch (const std::regex_error&) {  // too complex for this input
    return false;
  }
}

}  // namespace

origin_policy origin_policy::fixed(std::string origin) {
  origin_policy made;
  if (origin.empty()) return decided_by([](std::string_view) { return std::nullopt; });
  if (origin != "*") made.rule_ = std::move(origin);
  return made;
}

origin_policy origin_policy::reflect() {
  origin_policy made;
  made.rule_ = reflected{};
  return made;
}

origin_policy origin_policy::pattern(const std::string& expression) {
  origin_policy made;
  made.rule_ = std::make_shared<const std::regex>(expression, std::regex::ECMAScript);
  return made;
}

origin_policy origin_policy::list(std::vector<origin_policy> of) {
  origin_policy made;
  made.rule_ = std::make_shared<const members>(members{std::move(of)});
  return made;
}

// In a list `*` is an origin like any other, as in the model: it matches nobody.
origin_policy origin_policy::list(const std::vector<std::string>& origins) {
  std::vector<origin_policy> of(origins.size());
  for (std::size_t i = 0; i < origins.size(); ++i) of[i].rule_ = origins[i];
  return list(std::move(of));
}

origin_policy origin_policy::decided_by(predicate decide) {
  origin_policy made;
  made.rule_ = std::make_shared<const predicate>(std::move(decide));
  return made;
}

bool origin_policy::allows(std::string_view origin) const {
  if (const auto* exact = std::get_if<std::string>(&rule_)) return *exact == origin;
  if (const auto* expression = std::get_if<std::shared_ptr<const std::regex>>(&rule_)) {
    return matches(**expression, origin);
  }
  if (const auto* several = std::get_if<std::shared_ptr<const members>>(&rule_)) {
    return std::any_of((*several)->of.begin(), (*several)->of.end(),
                       [&](const origin_policy& each) { return each.allows(origin); });
  }
  if (const auto* ask = std::get_if<std::shared_ptr<const predicate>>(&rule_)) {
    const auto answer = (**ask)(origin);
    return answer && answer->allows(origin);
  }
  return true;
}

cors_decision cors::decide(method verb, const header_fields& request) const {
  cors_decision made;
  const auto origin = request.find("Origin").value_or(std::string_view{});
  origin_policy policy = options_.origin;
  if (const auto* ask =
          std::get_if<std::shared_ptr<const origin_policy::predicate>>(&policy.rule_)) {
    const auto asked = *ask;
    auto answer = (*asked)(origin);
    if (!answer) return made;
    policy = std::move(*answer);
  }
  const bool preflight = verb == method::options;
  allow_origin(policy, origin, made.headers);
  if (options_.credentials) made.headers.add("Access-Control-Allow-Credentials", "true");
  if (preflight) {
    if (!options_.methods.empty())
      made.headers.add("Access-Control-Allow-Methods", options_.methods);
    allow_headers(request, made.headers);
    if (options_.max_age)
      made.headers.add("Access-Control-Max-Age", std::to_string(*options_.max_age));
  }
  if (options_.exposed_headers && !options_.exposed_headers->empty()) {
    made.headers.add("Access-Control-Expose-Headers", *options_.exposed_headers);
  }
  made.preflight = preflight && !options_.preflight_continue;
  return made;
}

void cors::allow_origin(const origin_policy& policy, std::string_view origin,
                        header_fields& out) const {
  if (std::holds_alternative<origin_policy::any_origin>(policy.rule_)) {
    return out.add("Access-Control-Allow-Origin", "*");
  }
  if (const auto* exact = std::get_if<std::string>(&policy.rule_)) {
    out.add("Access-Control-Allow-Origin", *exact);
  } else if (!origin.empty() && policy.allows(origin)) {
    out.add("Access-Control-Allow-Origin", origin);
  }
  out.vary("Origin");
}

void cors::allow_headers(const header_fields& request, header_fields& out) const {
  if (options_.allowed_headers) {
    if (!options_.allowed_headers->empty()) {
      out.add("Access-Control-Allow-Headers", *options_.allowed_headers);
    }
    return;
  }
  out.vary("Access-Control-Request-Headers");
  const auto asked = request.joined("Access-Control-Request-Headers");
  if (asked && !asked->empty()) out.add("Access-Control-Allow-Headers", *asked);
}

response cors::preflight_response(const cors_decision& decided) const {
  response answer;
  answer.status = options_.preflight_status;
  answer.headers = decided.headers;
  answer.headers.add("Content-Length", "0");
  return answer;
}

void apply(const header_fields& decided, header_fields& to) {
  decided.each([&](std::string_view name, std::string_view value) {
    if (!equal_ignoring_case(name, "Vary")) return to.set(name, value);
    each_list_item(value, [&](std::string_view item) { to.vary(item); });
  });
}

}  // namespace gossamer::http
