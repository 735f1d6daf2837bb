// Random JSON texts for property tests.
#pragma once

#include "runtime/base/random.hpp"

#include <array>
#include <string>
#include <string_view>

namespace gossamer::testing {

inline std::string random_string(seeded_random& random) {
  static constexpr std::array<std::string_view, 14> pieces{"a",
                                                           "bc",
                                                           " ",
                                                           "\\n",
                                                           "\\\"",
                                                           "\\\\",
                                                           "\\/",
                                                           "\\u00e9",
                                                           "\xc3\xa9",
                                                           "\\ud83d\\ude00",
                                                           "\xe2\x80\xa8",
                                                           "[",
                                                           "}",
                                                           "num"};
  std::string text = "\"";
  for (auto left = random.below(6); left > 0; --left) text += pieces[random.below(pieces.size())];
  return text + "\"";
}

inline std::string random_json(seeded_random& random, int depth) {
  static constexpr std::array<std::string_view, 14> scalars{"null",  "true",
                                                            "false", "0",
                                                            "-0",    "12",
                                                            "-3.50", "1e3",
                                                            "2E-2",  "9007199254740993",
                                                            "0.1",   "18446744073709551615",
                                                            "1e+2",  "-1"};
  static constexpr std::array<std::string_view, 5> spaces{"", "", "", " ", "\n\t"};
  const auto space = [&] { return std::string(spaces[random.below(spaces.size())]); };
  const auto kind = random.below(depth > 0 ? 4 : 2);
  if (kind == 0) return std::string(scalars[random.below(scalars.size())]);
  if (kind == 1) return random_string(random);
  std::string text(1, kind == 2 ? '[' : '{');
  text += space();
  const auto count = random.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i != 0) text += "," + space();
    if (kind == 3) text += random_string(random) + space() + ":" + space();
    text += random_json(random, depth - 1) + space();
  }
  return text + (kind == 2 ? ']' : '}');
}

}  // namespace gossamer::testing
