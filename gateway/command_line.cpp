#include "gateway/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace gossamer::config {
namespace {

constexpr const char* introduction =
    "A Socket.IO server with a chat. Each option can also be given by the environment\n"
    "(--ping-interval as GOSSAMER_PING_INTERVAL) or in the file of --config (as ping_interval);\n"
    "a flag wins over the environment, that over the file.";

// One flag and the option that it gives a value to.
struct flag {
  const option* which;
  CLI::Option* parsed;
};

std::vector<flag> add_flags(CLI::App& app) {
  std::vector<flag> flags;
  for (const auto& one : all_options()) {
    const auto help = fmt::format("{} ({})", one.help, one.allowed);
    CLI::Option* added = nullptr;
    if (one.kind == value_kind::truth) {
      added = app.add_flag(flag_of(one), help);
    } else {
      added = app.add_option(
          flag_of(one), [](const auto&) { return true; }, help);
      added->type_name(one.kind == value_kind::number ? "NUMBER" : "TEXT");
    }
    if (one.kind == value_kind::texts) {
      added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->delimiter(',');
    }
    flags.push_back({&one, added});
  }
  return flags;
}

std::vector<given> values_of(const std::vector<flag>& flags) {
  std::vector<given> values;
  for (const auto& one : flags) {
    if (one.parsed->count() == 0) continue;
    values.push_back({std::string(one.which->name), one.parsed->results(), flag_of(*one.which)});
  }
  return values;
}

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

std::vector<std::string> variables() {
  std::vector<std::string> names;
  for (char** one = environ; one != nullptr && *one != nullptr; ++one) {
    const std::string_view text(*one);
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

// A misspelt variable is an error, one of nobody we know worth a word.
std::optional<problem> check_variables() {
  const auto found = strangers(variables());
  if (const auto* wrong = std::get_if<problem>(&found)) return *wrong;
  for (const auto& name : *std::get_if<std::vector<std::string>>(&found)) {
    fmt::print(stderr, "gossamer: {} is no option of this program; ignored\n", name);
  }
  return std::nullopt;
}

checked<std::vector<given>> load(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(file, ignored);  // can be opened, but not read
  if (!in || folder) return problem{fmt::format("{}: cannot be read", file)};
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return read_file(text, file);
}

std::optional<problem> collect(effective& config, const std::string& file,
                               const std::vector<flag>& flags) {
  if (!file.empty()) {
    const auto loaded = load(file);
    if (const auto* wrong = std::get_if<problem>(&loaded)) return *wrong;
    if (auto wrong = config.apply(source::file, *std::get_if<std::vector<given>>(&loaded)))
      return wrong;
  }
  if (auto wrong = check_variables()) return wrong;
  if (auto wrong = config.apply(source::environment, read_environment(variable))) return wrong;
  if (auto wrong = config.apply(source::flag, values_of(flags))) return wrong;
  return config.check();
}

}  // namespace

command_line read_command_line(int argc, char** argv) {
  command_line told;
  CLI::App app(introduction, "gossamer");
  auto file = variable("GOSSAMER_CONFIG").value_or("");
  app.add_option("--config", file, "a TOML file with options");
  app.add_flag("--print-config", told.print_config,
               "show what is in effect and where it is from, and end");
  const auto flags = add_flags(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    told.exit_code = app.exit(help);
    return told;
  } catch (const CLI::ParseError& wrong) {
    fmt::print(stderr, "gossamer: {}\nSee gossamer --help for what is known.\n", wrong.what());
    told.exit_code = 2;
    return told;
  }
  if (const auto wrong = collect(told.config, file, flags)) {
    fmt::print(stderr, "gossamer: {}\n", wrong->text);
    told.exit_code = 2;
  }
  return told;
}

}  // namespace gossamer::config
