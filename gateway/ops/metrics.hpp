// All metrics of a server in Prometheus' text format 0.0.4.
//
// Any thread. Counts nothing by itself: a scrape reads what the lanes have counted, without
// stopping them, so numbers of one scrape may be some microseconds apart.
// Limits: `namespaces_max` and `handlers_max` values of those labels, the rest is `(other)`; all
// other labels have values from fixed lists, and one for each lane.
#pragma once

#include "gateway/ops/sources.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gossamer::ops {

inline constexpr std::size_t namespaces_max = 100;
inline constexpr std::size_t handlers_max = 64;
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

class metrics {
 public:
  explicit metrics(sources from);
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;
  ~metrics();

  [[nodiscard]] std::string text() const;
  [[nodiscard]] const sources& from() const;

 private:
  class collector;
  std::unique_ptr<collector> collector_;
};

}  // namespace gossamer::ops
