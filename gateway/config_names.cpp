// Names of options and of addresses: what somebody may have meant.
#include "gateway/config.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <numeric>
#include <utility>

namespace gossamer::config {
namespace {

constexpr std::string_view prefix = "GOSSAMER_";
constexpr std::size_t name_length_max = 100;  // of what is compared with options
constexpr std::size_t near_count_max = 3;

// Letters to insert, drop, replace, or swap with their neighbour, to make one of the other.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> last;
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    before = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const bool same = from[i - 1] == to[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_known(std::string_view variable) {
  const auto all = all_options();
  return variable == "GOSSAMER_CONFIG" ||
         std::any_of(all.begin(), all.end(),
                     [&](const option& one) { return variable_of(one) == variable; });
}

}  // namespace

std::vector<std::string_view> near_options(std::string_view name) {
  if (name.size() > name_length_max) return {};
  const std::size_t most = std::clamp<std::size_t>(name.size() / 3, 1, 3);
  std::vector<std::pair<std::size_t, std::string_view>> found;
  for (const auto& one : all_options()) {
    const auto letters = distance(name, one.name);
    if (letters <= most) found.emplace_back(letters, one.name);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string_view> names;
  for (const auto& one : found) {
    if (names.size() < near_count_max) names.push_back(one.second);
  }
  return names;
}

checked<std::vector<std::string>> strangers(std::span<const std::string> variables) {
  std::vector<std::string> others;
  for (const auto& variable : variables) {
    if (!variable.starts_with(prefix) || is_known(variable)) continue;
    std::string meant;
    for (const auto& name : near_options(lower(variable.substr(prefix.size())))) {
      const auto all = all_options();
      const auto which =
          std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
      meant += fmt::format("{}{}", meant.empty() ? "" : " or ", variable_of(*which));
    }
    if (!meant.empty()) {
      return problem{fmt::format("{}: unknown variable; did you mean {}?", variable, meant)};
    }
    others.push_back(variable);
  }
  return others;
}

std::optional<address> read_address(std::string_view text) {
  if (text.starts_with("unix:")) {
    if (text.size() == 5) return std::nullopt;
    return address{std::string(text), 0};
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  address read{std::string(host), 0};
  const auto* end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data() + colon + 1, end, read.port);
  if (failed != std::errc() || stopped != end) return std::nullopt;
  return read;
}

std::vector<address> addresses(const settings& of) {
  if (of.listen.empty()) return {{of.host, of.port}};
  std::vector<address> all;
  for (const auto& text : of.listen) {
    if (auto one = read_address(text)) all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace gossamer::config
