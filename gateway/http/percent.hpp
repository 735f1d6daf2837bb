// Percent-encoding of URLs, forms and cookies (RFC 3986, 2.1). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gossamer::http {

/// Nothing if a `%` is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);
/// As encodeURIComponent: all but letters, digits and - _ . ! ~ * ' ( ).
[[nodiscard]] std::string percent_encoded(std::string_view text);
/// The first parameter of that name in `a=1&b=2`, decoded; `+` is a space. A wrong `%` stays as it
/// is.
[[nodiscard]] std::optional<std::string> query_parameter(std::string_view query,
                                                         std::string_view name);

}  // namespace gossamer::http
