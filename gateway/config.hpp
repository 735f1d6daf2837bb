// The configuration of the gossamer program: what may be set, from where, and what came out.
//
// Pure: no file, no environment, no argv. The program hands in what it has read; a value given by a
// flag wins over one of the environment, that over one of the file, that over the default.
//
//     gossamer.toml        environment               flag
//     ping_interval = 1    GOSSAMER_PING_INTERVAL=1  --ping-interval 1
//
// Errors: a sentence for the operator that names the place, the key and what is allowed.
#pragma once

#include "gateway/include/gossamer/options.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gossamer::config {

enum class log_format : std::uint8_t { text, json };

/// Everything that the program may be told.
struct settings {
  options server;
  std::string host = "0.0.0.0";
  std::uint16_t port = 3000;
  std::vector<std::string> listen;
  std::string web_dir;
  std::string tls_cert;
  std::string tls_key;
  std::vector<std::string> cors_origins;
  bool cors_credentials = false;
  bool recovers = false;  // with what is in `recovery`
  connection_state_recovery_options recovery;
  std::string ops_listen = "127.0.0.1:9464";  // empty: not served
  bool ops_listen_told = false;               // if not, it may be in use
  std::string unix_mode;                      // octal digits; empty: what the umask leaves
  gossamer::log_level log_level = gossamer::log_level::info;
  config::log_format log_format = config::log_format::text;
};

enum class value_kind : std::uint8_t { number, truth, text, texts };

/// One thing that may be set.
struct option {
  std::string_view name;  // as in the file
  value_kind kind;
  std::string_view allowed;  // completes "must be ..."
  std::string_view help;
  /// False: not allowed. `texts` has one item unless the kind is texts.
  bool (*set)(settings& in, std::span<const std::string> texts);
  /// The value as TOML.
  std::string (*show)(const settings& of);
};

/// All of them, in the order in which they are shown.
[[nodiscard]] std::span<const option> all_options();
/// `--ping-interval` and `GOSSAMER_PING_INTERVAL` for `ping_interval`.
[[nodiscard]] std::string flag_of(const option& which);
[[nodiscard]] std::string variable_of(const option& which);

/// From weak to strong.
enum class source : std::uint8_t { built_in, file, environment, flag };

/// A value that somebody has given.
struct given {
  std::string key;
  std::vector<std::string> values;
  std::string place;  // `gossamer.toml:7`, `GOSSAMER_PORT` or `--port`
};

/// A value or what is wrong.
struct problem {
  std::string text;
  friend bool operator==(const problem&, const problem&) = default;
};
template <class T>
using checked = std::variant<T, problem>;

/// The values of a TOML file. Errors: not TOML, an unknown key, a value of another type.
[[nodiscard]] checked<std::vector<given>> read_file(std::string_view text,
                                                    std::string_view file_name);
/// The values of an environment; a list is separated by commas.
using lookup = std::optional<std::string> (*)(const std::string& variable);
[[nodiscard]] std::vector<given> read_environment(lookup find);
/// Looks at the names of an environment's variables that start with GOSSAMER_ and belong to no
/// option. One that is nearly an option's is a mistake, with the options meant; the others, which
/// may be somebody else's, are returned.
[[nodiscard]] checked<std::vector<std::string>> strangers(std::span<const std::string> variables);
/// The options whose names differ in few letters, nearest first.
[[nodiscard]] std::vector<std::string_view> near_options(std::string_view name);

/// An address to listen on.
struct address {
  std::string host;  // or `unix:/path`
  std::uint16_t port = 0;
  friend bool operator==(const address&, const address&) = default;
};
/// `127.0.0.1:80`, `[::1]:80` or `unix:/path`; nothing if it is of no such form.
[[nodiscard]] std::optional<address> read_address(std::string_view text);
/// Those of `listen`, or else host and port.
[[nodiscard]] std::vector<address> addresses(const settings& of);

/// What is in effect, and who said so.
class effective {
 public:
  /// Takes over a source's values. Sources come from weak to strong.
  [[nodiscard]] std::optional<problem> apply(source from, const std::vector<given>& values);
  /// Checks what concerns several values. Call it last.
  [[nodiscard]] std::optional<problem> check() const;

  [[nodiscard]] const settings& values() const { return values_; }
  /// A TOML file with all options and, as comments, where each value is from.
  [[nodiscard]] std::string print() const;

 private:
  settings values_;
  std::map<std::string, std::string, std::less<>> places_;  // name -> place; absent: default
};

}  // namespace gossamer::config
