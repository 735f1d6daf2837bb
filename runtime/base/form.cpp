#include "runtime/base/form.hpp"

#include <cstddef>

namespace gossamer {

std::string form_decoded(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size(); ++at) {
    const int high = raw[at] == '%' && at + 2 < raw.size() ? hex_value(raw[at + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(raw[at + 2]);
    if (low >= 0) {
      text += static_cast<char>(high * 16 + low);
      at += 2;
    } else {
      text += raw[at] == '+' ? ' ' : raw[at];
    }
  }
  return text;
}

}  // namespace gossamer
