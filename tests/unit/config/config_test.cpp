#include "gateway/config.hpp"

#include "gateway/program_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace gossamer::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::vector<given> from_file(std::string_view text) {
  auto read = read_file(text, "a.toml");
  if (auto* values = std::get_if<std::vector<given>>(&read)) return *values;
  ADD_FAILURE() << std::get_if<problem>(&read)->text;
  return {};
}
std::string complaint_about(std::string_view text) {
  const auto read = read_file(text, "a.toml");
  if (const auto* wrong = std::get_if<problem>(&read)) return wrong->text;
  effective config;
  const auto wrong = config.apply(source::file, *std::get_if<std::vector<given>>(&read));
  return wrong ? wrong->text : "no complaint";
}
given by_flag(std::string key, std::vector<std::string> values) {
  return {key, std::move(values), "--" + key};
}
std::optional<problem> apply_flag(effective& to, std::string key, std::vector<std::string> values) {
  return to.apply(source::flag, {by_flag(std::move(key), std::move(values))});
}

TEST(Config, HasTheDefaultsOfTheLibrary) {
  const effective config;
  const options library;
  EXPECT_EQ(config.values().port, 3000);
  EXPECT_EQ(config.values().server.ping_interval, library.ping_interval);
  EXPECT_EQ(config.values().server.max_http_buffer_size, library.max_http_buffer_size);
  EXPECT_EQ(config.check(), std::nullopt);
}

TEST(Config, ReadsEveryKindFromAFile) {
  effective config;
  const auto values = from_file(
      "host = \"127.0.0.1\"\nport = 8080\npin_cpus = true\ntransports = [\"websocket\"]\n"
      "ping_interval = 1_000\nlog_format = 'json'\n");
  ASSERT_EQ(config.apply(source::file, values), std::nullopt);
  EXPECT_EQ(config.values().host, "127.0.0.1");
  EXPECT_EQ(config.values().port, 8080);
  EXPECT_TRUE(config.values().server.pin_cpus);
  EXPECT_EQ(config.values().server.transports, std::vector<std::string>{"websocket"});
  EXPECT_EQ(config.values().server.ping_interval, milliseconds(1000));
  EXPECT_EQ(config.values().log_format, log_format::json);
}

TEST(Config, FlagsWinOverTheEnvironmentAndThatOverTheFile) {
  effective config;
  ASSERT_EQ(config.apply(source::file, from_file("port = 1\nlanes = 1\npath = \"/a\"\n")),
            std::nullopt);
  const auto environment = read_environment([](const std::string& name) {
    if (name == "GOSSAMER_PORT") return std::optional<std::string>("2");
    if (name == "GOSSAMER_LANES") return std::optional<std::string>("2");
    return std::optional<std::string>();
  });
  ASSERT_EQ(config.apply(source::environment, environment), std::nullopt);
  ASSERT_EQ(apply_flag(config, "port", {"3"}), std::nullopt);

  EXPECT_EQ(config.values().port, 3);
  EXPECT_EQ(config.values().server.lanes, 2U);
  EXPECT_EQ(config.values().server.path, "/a");
  const auto shown = config.print();
  EXPECT_THAT(shown, testing::ContainsRegex("port = 3 +# --port\n"));
  EXPECT_THAT(shown, testing::ContainsRegex("lanes = 2 +# GOSSAMER_LANES\n"));
  EXPECT_THAT(shown, testing::ContainsRegex("path = \"/a\" +# a.toml:3\n"));
  EXPECT_THAT(shown, testing::ContainsRegex("host = \"0.0.0.0\" +# default\n"));
}

TEST(Config, WhatItPrintsIsAFileThatMeansTheSame) {
  effective config;
  ASSERT_EQ(apply_flag(config, "web_dir", {"a \"quoted\"\\ \n folder"}), std::nullopt);
  ASSERT_EQ(apply_flag(config, "cors_origins", {"https://a.example", "https://b.example"}),
            std::nullopt);
  effective again;
  ASSERT_EQ(again.apply(source::file, from_file(config.print())), std::nullopt);
  EXPECT_EQ(again.values().web_dir, "a \"quoted\"\\ \n folder");
  EXPECT_EQ(again.values().cors_origins, config.values().cors_origins);
  for (const auto& one : all_options()) {
    EXPECT_EQ(one.show(again.values()), one.show(config.values())) << one.name;
  }
}

TEST(Config, NamesFileLineKeyAndWhatIsKnown) {
  EXPECT_THAT(
      complaint_about("port = 1\n\nprot = 2\n"),
      AllOf(StartsWith("a.toml:3: unknown key 'prot'; did you mean port? known are host, port, "),
            HasSubstr("ping_interval")));
  EXPECT_THAT(complaint_about("[server]\nport = 1\n"),
              StartsWith("a.toml:1: unknown key 'server'"));
}

TEST(Config, NamesWhatIsAllowed) {
  EXPECT_EQ(complaint_about("host = 'x'\nport = 65536\n"),
            "a.toml:2: port = '65536': must be 0 to 65535");
  EXPECT_EQ(complaint_about("port = '80'\n"), "a.toml:1: port: must be a number: 0 to 65535");
  EXPECT_EQ(complaint_about("port = 8.5\n"), "a.toml:1: port: must be a number: 0 to 65535");
  EXPECT_EQ(
      complaint_about("transports = ['polling', 'pigeon']\n"),
      "a.toml:1: transports = 'polling,pigeon': must be of polling and websocket, at least one");
  EXPECT_EQ(
      complaint_about("transports = ['polling', 1]\n"),
      "a.toml:1: transports: must be a list of texts: of polling and websocket, at least one");
  EXPECT_EQ(complaint_about("pin_cpus = 1\n"),
            "a.toml:1: pin_cpus: must be true or false: true or false");
  EXPECT_EQ(complaint_about("log_level = 'loud'\n"),
            "a.toml:1: log_level = 'loud': must be debug, info, warn, error or off");
}

TEST(Config, NamesTheLineOfABadFile) {
  EXPECT_THAT(complaint_about("port = 1\nhost = \n"), StartsWith("a.toml:2: "));
  EXPECT_THAT(complaint_about("port = 1\nport = 2\n"), StartsWith("a.toml:2: "));
  EXPECT_THAT(complaint_about("\xff\xfe"), StartsWith("a.toml:1: "));
}

TEST(Config, RefusesBadNumbersWhereverTheyComeFrom) {
  for (const char* text : {"", " 1", "1 ", "-1", "0x10", "1e3", "99999999999999999999"}) {
    effective config;
    const auto wrong = apply_flag(config, "port", {text});
    ASSERT_TRUE(wrong) << text;
    EXPECT_EQ(wrong->text, "--port: port = '" + std::string(text) + "': must be 0 to 65535");
    EXPECT_EQ(config.values().port, 3000);
  }
  effective config;
  EXPECT_TRUE(apply_flag(config, "port", {}));
  EXPECT_TRUE(apply_flag(config, "port", {"1", "2"}));
  EXPECT_TRUE(apply_flag(config, "ping_interval", {"0"}));
  EXPECT_TRUE(apply_flag(config, "lanes", {"65"}));
  EXPECT_TRUE(apply_flag(config, "transports", {}));
}

TEST(Config, ListsOfTheEnvironmentAreSeparatedByCommas) {
  const auto values = read_environment([](const std::string& name) {
    return name == "GOSSAMER_TRANSPORTS" ? std::optional<std::string>("websocket,polling")
                                         : std::nullopt;
  });
  ASSERT_EQ(values.size(), 1U);
  EXPECT_EQ(values[0].place, "GOSSAMER_TRANSPORTS");
  EXPECT_EQ(values[0].values, (std::vector<std::string>{"websocket", "polling"}));
}

TEST(Config, SaysWhatMayHaveBeenMeant) {
  EXPECT_THAT(complaint_about("prot = 2\n"), HasSubstr("'prot'; did you mean port? known"));
  EXPECT_THAT(complaint_about("ping-interval = 2\n"), HasSubstr("did you mean ping_interval? "));
  EXPECT_THAT(complaint_about("something_else = 2\n"), Not(HasSubstr("did you mean")));
}

TEST(Config, AMisspeltVariableIsAMistake) {
  const auto checked = [](std::vector<std::string> names) { return strangers(names); };
  using names = std::vector<std::string>;
  EXPECT_EQ(std::get<names>(checked({"PATH", "GOSSAMER_PORT", "GOSSAMER_CONFIG"})), names{});
  EXPECT_EQ(std::get<problem>(checked({"GOSSAMER_PING_INTERVALL"})).text,
            "GOSSAMER_PING_INTERVALL: unknown variable; did you mean GOSSAMER_PING_INTERVAL?");
  EXPECT_EQ(std::get<problem>(checked({"GOSSAMER_LISTENS"})).text,
            "GOSSAMER_LISTENS: unknown variable; did you mean GOSSAMER_LISTEN?");
  // Of somebody else, as a container's environment for a service named gossamer.
  EXPECT_EQ(std::get<names>(checked({"GOSSAMER_SERVICE_HOST", "gossamer_prot"})),
            names{"GOSSAMER_SERVICE_HOST"});
  EXPECT_TRUE(near_options(std::string(1'000'000, 'p')).empty());
}

TEST(Config, ReadsAddresses) {
  EXPECT_EQ(read_address("127.0.0.1:80"), (address{"127.0.0.1", 80}));
  EXPECT_EQ(read_address("[::1]:0"), (address{"::1", 0}));
  EXPECT_EQ(read_address("unix:/run/a:b"), (address{"unix:/run/a:b", 0}));
  for (const char* text :
       {"", ":", ":80", "80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "::1:80", "[1.2.3.4]:80",
        "[::1]", "[]:80", "1.2.3.4:-1", "1.2.3.4: 80", "unix:"}) {
    EXPECT_EQ(read_address(text), std::nullopt) << text;
  }
}

TEST(Config, ListensOnAddressesInsteadOfHostAndPort) {
  effective config;
  ASSERT_EQ(apply_flag(config, "port", {"81"}), std::nullopt);
  EXPECT_EQ(addresses(config.values()), (std::vector<address>{{"0.0.0.0", 81}}));
  ASSERT_EQ(apply_flag(config, "listen", {"127.0.0.1:1", "[::1]:2"}), std::nullopt);
  EXPECT_EQ(addresses(config.values()), (std::vector<address>{{"127.0.0.1", 1}, {"::1", 2}}));
  EXPECT_EQ(complaint_about("listen = ['127.0.0.1']\n"),
            "a.toml:1: listen = '127.0.0.1': must be addresses as 127.0.0.1:3000, [::1]:3000 or "
            "unix:/path");
}

TEST(Config, ChecksWhatBelongsTogether) {
  effective half;
  ASSERT_EQ(apply_flag(half, "tls_cert", {"a.pem"}), std::nullopt);
  ASSERT_TRUE(half.check());
  EXPECT_THAT(half.check()->text, HasSubstr("tls_key"));
  effective upside_down;
  ASSERT_EQ(apply_flag(upside_down, "send_hard_bytes", {"10"}), std::nullopt);
  EXPECT_TRUE(upside_down.check());
}

TEST(Config, RecoveryIsOffUntilItIsSwitchedOn) {
  const effective untouched;
  const connection_state_recovery_options library;
  EXPECT_FALSE(untouched.values().recovers);
  EXPECT_EQ(untouched.values().recovery.max_disconnection_duration,
            library.max_disconnection_duration);
  EXPECT_TRUE(untouched.values().recovery.skip_middlewares);

  effective config;
  ASSERT_EQ(config.apply(source::file,
                         from_file("recovery_max_disconnection_duration = 5000\n"
                                   "recovery_skip_middlewares = false\nrecovery_bytes_max = 1000\n"
                                   "recovery_sessions_max = 7\nrecovery_session_events_max = 8\n")),
            std::nullopt);
  EXPECT_FALSE(config.values().recovers);
  ASSERT_EQ(apply_flag(config, "connection_state_recovery", {"true"}), std::nullopt);
  EXPECT_TRUE(config.values().recovers);
  const auto& told = config.values().recovery;
  EXPECT_EQ(told.max_disconnection_duration, milliseconds(5000));
  EXPECT_FALSE(told.skip_middlewares);
  EXPECT_EQ(told.bytes_max, 1000U);
  EXPECT_EQ(told.sessions_max, 7U);
  EXPECT_EQ(told.session_events_max, 8U);
}

TEST(Config, NamesWhatIsAllowedOfRecoveryAndParser) {
  EXPECT_EQ(complaint_about("port = 1\nrecovery_max_disconnection_duration = 0\n"),
            "a.toml:2: recovery_max_disconnection_duration = '0': must be 1 to 2147483647 "
            "milliseconds");
  EXPECT_EQ(complaint_about("recovery_bytes_max = 0\n"),
            "a.toml:1: recovery_bytes_max = '0': must be 1 to 1099511627776 bytes");
  for (const std::string name : {"recovery_sessions_max", "recovery_session_events_max"}) {
    EXPECT_EQ(complaint_about(name + " = 0\n"),
              "a.toml:1: " + name + " = '0': must be 1 to 100000000");
    EXPECT_EQ(complaint_about(name + " = 100000001\n"),
              "a.toml:1: " + name + " = '100000001': must be 1 to 100000000");
  }
  EXPECT_EQ(complaint_about("connection_state_recovery = 1\n"),
            "a.toml:1: connection_state_recovery: must be true or false: true or false");
  EXPECT_EQ(complaint_about("parser = 'json'\n"),
            "a.toml:1: parser = 'json': must be default or msgpack");
}

TEST(Config, NamesTheParser) {
  effective config;
  EXPECT_THAT(config.print(), HasSubstr("parser = \"default\""));
  ASSERT_EQ(apply_flag(config, "parser", {"msgpack"}), std::nullopt);
  EXPECT_NE(config.values().server.parser, nullptr);
  EXPECT_THAT(config.print(), HasSubstr("parser = \"msgpack\""));
  ASSERT_EQ(apply_flag(config, "parser", {"default"}), std::nullopt);
  EXPECT_EQ(config.values().server.parser, nullptr);
}

TEST(Config, NamesAreUnique) {
  std::set<std::string> names;
  for (const auto& one : all_options()) {
    EXPECT_TRUE(names.insert(flag_of(one)).second) << one.name;
    EXPECT_THAT(variable_of(one), testing::MatchesRegex("GOSSAMER_[A-Z][A-Z0-9_]*"));
  }
}

TEST(ProgramLog, WritesTextAndJson) {
  const std::chrono::system_clock::time_point when(std::chrono::milliseconds(1'700'000'000'042));
  EXPECT_EQ(log_line(log_format::text, when, log_level::warn, "a \"b\"\n\\ c=1"),
            "2023-11-14T22:13:20.042Z warn a \"b\"\\u000a\\ c=1");
  EXPECT_EQ(
      log_line(log_format::json, when, log_level::info, "a \"b\"\n\\ c=1"),
      R"({"time":"2023-11-14T22:13:20.042Z","level":"info","message":"a \"b\"\u000a\\ c=1"})");
}

}  // namespace
}  // namespace gossamer::config
