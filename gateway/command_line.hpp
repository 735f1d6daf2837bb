// What the program was told: its flags, the environment, and the file that they name.
#pragma once

#include "gateway/config.hpp"

#include <optional>

namespace gossamer::config {

struct command_line {
  effective config;
  bool print_config = false;
  /// Set if the program is to end at once: help was shown (0), or a mistake was told on stderr (2).
  std::optional<int> exit_code;
};

/// Reads argv, GOSSAMER_* and the file of --config or GOSSAMER_CONFIG.
[[nodiscard]] command_line read_command_line(int argc, char** argv);

}  // namespace gossamer::config
