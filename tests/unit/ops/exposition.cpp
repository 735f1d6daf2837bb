#include "tests/unit/ops/exposition.hpp"

#include "runtime/base/utf8.hpp"

#include <cstdlib>
#include <limits>
#include <optional>

namespace gossamer::test {
namespace {

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}

// The name at the front: [a-zA-Z_:][a-zA-Z0-9_:]*, without the colon for labels.
std::string_view name_at(std::string_view text, bool colon) {
  std::size_t n = 0;
  while (n < text.size() &&
         (letter(text[n]) || (colon && text[n] == ':') || (n != 0 && digit(text[n])))) {
    ++n;
  }
  return text.substr(0, n);
}

class reader {
 public:
  explicit reader(exposition& into) : into_(into) {}

  void line(std::string_view text) {
    line_ = text;
    if (!is_utf8(text)) return complain("not UTF-8");
    if (text.starts_with("# HELP ")) return help(text.substr(7));
    if (text.starts_with("# TYPE ")) return type(text.substr(7));
    if (text.empty() || text.starts_with("#")) return;
    sample(text);
  }
  void end() {
    for (const auto& [name, one] : into_.families) {
      if (one.type == "histogram") histogram(name);
    }
  }

 private:
  void complain(const std::string& why) {
    into_.complaints.push_back(why + ": " + std::string(line_));
  }
  std::optional<std::string_view> name_and_rest(std::string_view text, std::string_view& rest) {
    const auto name = name_at(text, true);
    if (name.empty() || name.size() + 1 >= text.size() || text[name.size()] != ' ') {
      complain("no name and text");
      return std::nullopt;
    }
    rest = text.substr(name.size() + 1);
    return name;
  }
  void help(std::string_view text) {
    std::string_view rest;
    const auto name = name_and_rest(text, rest);
    if (!name) return;
    auto& one = into_.families[std::string(*name)];
    if (!one.help.empty()) complain("second HELP");
    one.help = rest;
    current_ = *name;
  }
  void type(std::string_view text) {
    std::string_view rest;
    const auto name = name_and_rest(text, rest);
    if (!name) return;
    auto& one = into_.families[std::string(*name)];
    if (!one.type.empty()) complain("second TYPE");
    if (one.samples != 0) complain("TYPE behind samples");
    if (rest != "counter" && rest != "gauge" && rest != "histogram") complain("unexpected type");
    if (rest == "counter" && !name->ends_with("_total")) complain("counter without _total");
    if (rest != "counter" && name->ends_with("_total")) complain("_total that is no counter");
    one.type = rest;
    current_ = *name;
  }

  // Consumes `{a="b",...}`; false if it is none.
  bool labels(std::string_view& text) {
    if (!text.starts_with('{')) return true;
    text.remove_prefix(1);
    std::set<std::string_view> seen;
    while (!text.starts_with('}')) {
      const auto name = name_at(text, false);
      if (name.empty() || !seen.insert(name).second) return false;
      text.remove_prefix(name.size());
      if (!text.starts_with("=\"")) return false;
      text.remove_prefix(2);
      while (!text.empty() && text[0] != '"') {
        if (text[0] == '\\' &&
            (text.size() < 2 || std::string_view("\\n\"").find(text[1]) == std::string_view::npos))
          return false;
        text.remove_prefix(text[0] == '\\' ? 2 : 1);
      }
      if (text.empty()) return false;
      text.remove_prefix(1);
      if (text.starts_with(',')) text.remove_prefix(1);
    }
    text.remove_prefix(1);
    return true;
  }
  void sample(std::string_view text) {
    const auto name = name_at(text, true);
    if (!belongs(name)) return complain("sample of another family than the one before");
    auto rest = text.substr(name.size());
    if (!labels(rest) || !rest.starts_with(' ')) return complain("bad labels");
    const std::string key(text.substr(0, text.size() - rest.size()));
    const std::string number(rest.substr(1));
    char* stopped = nullptr;
    const double value = std::strtod(number.c_str(), &stopped);
    if (number.empty() || *stopped != '\0') return complain("no number");
    if (!into_.samples.emplace(key, value).second) complain("sample twice");
    ++into_.families[current_].samples;
  }
  bool belongs(std::string_view sample) {
    if (sample == current_) return into_.families[current_].type != "histogram";
    if (!sample.starts_with(current_) || into_.families[current_].type != "histogram") return false;
    const auto suffix = sample.substr(current_.size());
    return suffix == "_bucket" || suffix == "_sum" || suffix == "_count";
  }
  // Of a histogram without labels of its own.
  void histogram(const std::string& name) {
    line_ = name;
    std::map<double, double> buckets;
    const std::string prefix = name + "_bucket{le=\"";
    for (const auto& [key, value] : into_.samples) {
      if (!key.starts_with(prefix)) continue;
      buckets[std::strtod(key.c_str() + prefix.size(), nullptr)] = value;
    }
    double last = 0;
    for (const auto& [bound, count] : buckets) {
      if (count < last) complain("buckets do not grow");
      last = count;
    }
    if (buckets.count(std::numeric_limits<double>::infinity()) == 0) complain("no +Inf");
    if (last != into_.at(name + "_count")) complain("+Inf is not the count");
  }

  exposition& into_;
  std::string_view line_;
  std::string current_;
};

}  // namespace

double exposition::at(const std::string& sample) const {
  const auto found = samples.find(sample);
  return found == samples.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

std::set<std::string> exposition::names() const {
  std::set<std::string> all;
  for (const auto& [name, one] : families) all.insert(name);
  return all;
}

bool exposition::counts(const std::string& sample) const {
  const auto name = sample.substr(0, sample.find('{'));
  const auto found = families.find(name);
  return found == families.end() || found->second.type == "counter";
}

exposition read_exposition(std::string_view text) {
  exposition read;
  reader lines(read);
  if (!text.ends_with('\n')) read.complaints.emplace_back("the last line does not end");
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  lines.end();
  return read;
}

}  // namespace gossamer::test
