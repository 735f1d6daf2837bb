#include "gateway/engineio/jsonp.hpp"

#include "gateway/engineio/errc.hpp"
#include "gateway/engineio/query.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace gossamer::engineio {
namespace {

// U+2028 and U+2029 end a line in script, but not in JSON.
void append_script_string(std::string& out, std::string_view text) {
  const std::string quoted = json_string(text);
  std::string_view rest = quoted;
  constexpr std::string_view separators = "\xe2\x80";
  for (auto at = rest.find(separators); at != std::string_view::npos; at = rest.find(separators)) {
    out += rest.substr(0, at);
    const char last = at + 2 < rest.size() ? rest[at + 2] : '\0';
    if (last == '\xa8' || last == '\xa9') {
      out += last == '\xa8' ? "\\u2028" : "\\u2029";
      rest.remove_prefix(at + 3);
    } else {
      out += separators;
      rest.remove_prefix(at + 2);
    }
  }
  out += rest;
}

// One backslash before an n makes a line feed of both; of several one is taken away.
std::string unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t backslashes = 0;
  for (const char c : text) {
    if (c == 'n' && backslashes > 0) {
      out.pop_back();
      out += backslashes == 1 ? '\n' : 'n';
    } else {
      out += c;
    }
    backslashes = c == '\\' ? backslashes + 1 : 0;
  }
  return out;
}

}  // namespace

std::string jsonp_answer(std::string_view index, std::string_view payload) {
  std::string script = "___eio[";
  std::copy_if(index.begin(), index.end(), std::back_inserter(script),
               [](char c) { return c >= '0' && c <= '9'; });
  script += "](";
  append_script_string(script, payload);
  script += ");";
  return script;
}

std::optional<std::string> jsonp_body(std::string_view form) {
  std::optional<std::string_view> found;
  query_reader reader(form);
  while (const auto field = reader.next()) {
    if (!component_is(field->name, "d")) continue;
    if (found) return std::nullopt;
    found = field->value;
  }
  if (!found) return std::nullopt;
  return unescaped(decode_component(*found));
}

}  // namespace gossamer::engineio
