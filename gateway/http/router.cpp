#include "gateway/http/router.hpp"

#include "gateway/http/exchange.hpp"
#include "gateway/http/percent.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace gossamer::http {
namespace {

// Takes a segment off the front of a path that begins with a slash or is empty.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

std::string decoded(std::string_view text) {
  return percent_decoded(text).value_or(std::string(text));
}

class route_handler final : public request_handler {
 public:
  route_handler(route_pattern pattern, router::function handle)
      : pattern_(std::move(pattern)), handle_(std::move(handle)) {}
  [[nodiscard]] bool fits(std::string_view path) const { return pattern_.match(path).has_value(); }
  void on_request(std::shared_ptr<exchange> incoming) override {
    auto params = pattern_.match(incoming->req().path()).value_or(route_params{});
    const auto state = make_routed(std::move(incoming), std::move(params));
    responder answer(state);
    handle_(routed_request(state), answer);
  }

 private:
  route_pattern pattern_;
  router::function handle_;
};

class not_found final : public request_handler {
 public:
  void on_request(std::shared_ptr<exchange> incoming) override {
    incoming->respond(plain_response(404));
  }
};

// The path is known, but not for this method.
class not_allowed final : public request_handler {
 public:
  explicit not_allowed(std::string allow) : allow_(std::move(allow)) {}
  void on_request(std::shared_ptr<exchange> incoming) override {
    response answer;
    if (incoming->req().method == method::options) {
      answer.status = 204;
    } else {
      answer = plain_response(405);
    }
    answer.headers.add("Allow", allow_);
    incoming->respond(std::move(answer));
  }

 private:
  std::string allow_;
};

// Unknown bodies are thrown away unless they are large, then the client gets 413.
constexpr std::size_t refused_body_bytes_max = 64U << 10U;

bool serves(std::optional<method> route, method wanted) {
  return !route || *route == wanted || (wanted == method::head && *route == method::get);
}

void allow_also(std::string& allow, std::string_view name) {
  if (allow.find(name) != std::string::npos) return;
  if (!allow.empty()) allow += ", ";
  allow += name;
}

}  // namespace

route_pattern::route_pattern(std::string_view pattern) {
  if (!pattern.starts_with('/')) segments_.push_back({std::string(), false});
  while (!pattern.empty() && pattern.front() == '/') {
    const auto text = take_segment(pattern);
    if (text == "*" && pattern.empty()) {
      rest_ = true;
      return;
    }
    const bool parameter = text.size() > 1 && text.front() == ':';
    segments_.push_back({std::string(parameter ? text.substr(1) : text), parameter});
  }
}

std::optional<route_params> route_pattern::match(std::string_view path) const {
  route_params params;
  if (!path.starts_with('/')) return std::nullopt;
  for (const segment& expected : segments_) {
    if (path.empty()) return std::nullopt;
    const auto found = take_segment(path);
    if (expected.parameter) {
      if (found.empty()) return std::nullopt;
      params.emplace_back(expected.text, decoded(found));
    } else if (found != expected.text) {
      return std::nullopt;
    }
  }
  if (rest_) {
    if (path.empty()) return std::nullopt;
    params.emplace_back("*", decoded(path.substr(1)));
    return params;
  }
  // A slash at the end makes no difference.
  if (!path.empty() && path != "/") return std::nullopt;
  return params;
}

struct router::table {
  struct mounted {
    std::string prefix;
    std::size_t body_bytes_max;
    std::shared_ptr<request_handler> handler;
  };
  struct route {
    std::optional<method> verb;
    std::size_t body_bytes_max;
    std::shared_ptr<route_handler> handler;
  };
  std::vector<mounted> mounts;  // the longest prefix first
  std::vector<route> routes;    // in the order of registration
  std::shared_ptr<request_handler> missing = std::make_shared<not_found>();
};

router::router() : table_(std::make_shared<const table>()) {}
router::~router() = default;

template <class Change>
void router::change(Change&& how) {
  const std::unique_lock lock(mutex_);
  auto next = std::make_shared<table>(*table_);
  how(*next);
  table_ = std::move(next);
}

void router::get(std::string_view pattern, function handle) {
  add(method::get, pattern, std::move(handle));
}
void router::post(std::string_view pattern, function handle) {
  add(method::post, pattern, std::move(handle));
}
void router::put(std::string_view pattern, function handle) {
  add(method::put, pattern, std::move(handle));
}
void router::patch(std::string_view pattern, function handle) {
  add(method::patch, pattern, std::move(handle));
}
void router::del(std::string_view pattern, function handle) {
  add(method::delete_, pattern, std::move(handle));
}
void router::options(std::string_view pattern, function handle) {
  add(method::options, pattern, std::move(handle));
}
void router::any(std::string_view pattern, function handle) {
  add(std::nullopt, pattern, std::move(handle));
}

void router::add(std::optional<method> verb, std::string_view pattern, function handle,
                 std::size_t body_bytes_max) {
  auto handler = std::make_shared<route_handler>(route_pattern(pattern), std::move(handle));
  change([&](table& next) { next.routes.push_back({verb, body_bytes_max, std::move(handler)}); });
}

void router::mount(std::string_view prefix, std::size_t body_bytes_max,
                   std::shared_ptr<request_handler> handler) {
  change([&](table& next) {
    std::erase_if(next.mounts, [&](const auto& each) { return each.prefix == prefix; });
    next.mounts.push_back({std::string(prefix), body_bytes_max, std::move(handler)});
    std::stable_sort(next.mounts.begin(), next.mounts.end(), [](const auto& a, const auto& b) {
      return a.prefix.size() > b.prefix.size();
    });
  });
}

void router::unmount(std::string_view prefix) {
  change([&](table& next) {
    std::erase_if(next.mounts, [&](const auto& each) { return each.prefix == prefix; });
  });
}

route_choice router::choose(const request& head) {
  const auto current = [&] {
    const std::shared_lock lock(mutex_);
    return table_;
  }();
  const auto path = head.path();
  for (const auto& each : current->mounts) {
    if (path.starts_with(each.prefix)) return {each.handler, each.body_bytes_max};
  }
  std::string allow;
  for (const auto& each : current->routes) {
    if (!each.handler->fits(path)) continue;
    if (serves(each.verb, head.method)) return {each.handler, each.body_bytes_max};
    allow_also(allow, text(*each.verb));
    if (*each.verb == method::get) allow_also(allow, "HEAD");
  }
  if (allow.empty()) return {current->missing, refused_body_bytes_max};
  allow_also(allow, "OPTIONS");
  return {std::make_shared<not_allowed>(std::move(allow)), refused_body_bytes_max};
}

}  // namespace gossamer::http
