// Routes: which handler gets a request, by path and method.
//
//     router.get("/hello/:name", [](const auto& request, auto& response) {
//       response.send("hello " + request.param("name"));
//     });
//
// `:name` takes one segment, `*` at the end takes the rest. The first route that fits wins, HEAD
// falls back to GET; mounted prefixes come before all routes, the longest first. Nothing fits: 404,
// or 405 with `Allow` if the path is known for other methods (OPTIONS: 204 with `Allow`).
//
// Any thread, before and after listening: changes make a new table, requests under way keep theirs.
// Handlers run on the lane of their connection, so several lanes at once.
#pragma once

#include "gateway/http/handler.hpp"
#include "gateway/http/request.hpp"
#include "gateway/http/responder.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::http {

/// `/files/:id/*` taken apart. Pure.
class route_pattern {
 public:
  explicit route_pattern(std::string_view pattern);
  /// The parameters in order (percent-decoded where possible, the rest under the name `*`), or
  /// nothing if the path does not fit.
  [[nodiscard]] std::optional<route_params> match(std::string_view path) const;

 private:
  struct segment {
    std::string text;
    bool parameter;
  };
  std::vector<segment> segments_;
  bool rest_ = false;
};

class router final : public route_table {
 public:
  using function = std::function<void(const routed_request&, responder&)>;
  static constexpr std::size_t default_body_bytes_max = 1'000'000;

  router();
  ~router() override;

  void get(std::string_view pattern, function handle);
  void post(std::string_view pattern, function handle);
  void put(std::string_view pattern, function handle);
  void patch(std::string_view pattern, function handle);
  void del(std::string_view pattern, function handle);
  void options(std::string_view pattern, function handle);
  /// Every method.
  void any(std::string_view pattern, function handle);
  /// `verb` empty: every method.
  void add(std::optional<method> verb, std::string_view pattern, function handle,
           std::size_t body_bytes_max = default_body_bytes_max);

  /// All requests whose path begins with `prefix`, whatever their method. A prefix that is mounted
  /// already gets the new handler.
  void mount(std::string_view prefix, std::size_t body_bytes_max,
             std::shared_ptr<request_handler> handler);
  void unmount(std::string_view prefix);

  [[nodiscard]] route_choice choose(const request& head) override;

 private:
  struct table;
  template <class Change>
  void change(Change&& how);

  mutable std::shared_mutex mutex_;
  std::shared_ptr<const table> table_;
};

}  // namespace gossamer::http
