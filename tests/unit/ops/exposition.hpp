// A small strict reader of Prometheus' text format 0.0.4, for tests.
//
// https://prometheus.io/docs/instrumenting/exposition_formats/
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer::test {

struct exposition {
  struct family {
    std::string help;
    std::string type;
    std::size_t samples = 0;
  };
  std::map<std::string, family> families;
  /// `name{label="value"}` as it is written -> value.
  std::map<std::string, double> samples;
  /// What is wrong; empty: nothing.
  std::vector<std::string> complaints;

  /// NaN if there is no such sample.
  [[nodiscard]] double at(const std::string& sample) const;
  /// All families, in order.
  [[nodiscard]] std::set<std::string> names() const;
  /// Is a sample of this name one that must not go back?
  [[nodiscard]] bool counts(const std::string& sample) const;
};

[[nodiscard]] exposition read_exposition(std::string_view text);

}  // namespace gossamer::test
