// JSONP polling, for browsers without cross-origin requests: answers are script, bodies are a form.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gossamer::engineio {

/// `___eio[0]("...");` with the payload as a string. `index` is the value of the query parameter
/// `j`; only its digits count. The payload is valid UTF-8.
[[nodiscard]] std::string jsonp_answer(std::string_view index, std::string_view payload);

/// The payload in a form's body: the field `d`, unescaped. Clients write a line feed as `\n` and a
/// backslash before an n twice, since forms change line feeds. Valid UTF-8.
/// Empty if there is not exactly one `d`: as in the reference implementation such a body is
/// nothing.
[[nodiscard]] std::optional<std::string> jsonp_body(std::string_view form);

}  // namespace gossamer::engineio
