// The table of all options of the program.
#include "gateway/config.hpp"

#include <charconv>
#include <fmt/format.h>
#include <limits>

namespace gossamer::config {
namespace {

using texts = std::span<const std::string>;

// -- values from texts and back -------------------------------------------------------------------

template <class T>
bool read_number(const std::string& text, T min, T max, T& out) {
  T value{};
  const auto* end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || stopped != end || value < min || value > max) return false;
  out = value;
  return true;
}
bool read_truth(const std::string& text, bool& out) {
  const bool yes = text == "true" || text == "1";
  if (!yes && text != "false" && text != "0") return false;
  out = yes;
  return true;
}
constexpr std::int64_t ms_max = std::numeric_limits<std::int32_t>::max();
bool read_time(const std::string& text, milliseconds& out) {
  std::int64_t count = 0;
  if (!read_number<std::int64_t>(text, 1, ms_max, count)) return false;
  out = milliseconds(count);
  return true;
}
constexpr std::size_t bytes_max = std::size_t{1} << 40U;
bool read_bytes(const std::string& text, std::size_t& out) {
  return read_number<std::size_t>(text, 1, bytes_max, out);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}
std::string shown(const std::string& text) {
  return quoted(text);
}
std::string shown(bool value) {
  return value ? "true" : "false";
}
std::string shown(milliseconds value) {
  return std::to_string(value.count());
}
template <std::unsigned_integral T>
requires(!std::same_as<T, bool>) std::string shown(T value) {
  return std::to_string(value);
}
std::string shown(const std::vector<std::string>& list) {
  std::string out;
  for (const auto& one : list) out += (out.empty() ? "" : ", ") + quoted(one);
  return "[" + out + "]";
}

// -- rows -----------------------------------------------------------------------------------------

template <auto Member>
auto& of_server(auto& in) {
  return in.server.*Member;
}
template <auto Member>
auto& of_program(auto& in) {
  return in.*Member;
}

template <auto Member>
option server_time(std::string_view name, std::string_view help) {
  return {name,
          value_kind::number,
          "1 to 2147483647 milliseconds",
          help,
          [](settings& in, texts t) { return read_time(t[0], of_server<Member>(in)); },
          [](const settings& of) { return shown(of_server<Member>(of)); }};
}
template <auto Member>
option server_bytes(std::string_view name, std::string_view help) {
  return {name,
          value_kind::number,
          "1 to 1099511627776 bytes",
          help,
          [](settings& in, texts t) { return read_bytes(t[0], of_server<Member>(in)); },
          [](const settings& of) { return shown(of_server<Member>(of)); }};
}
template <auto Member>
option server_truth(std::string_view name, std::string_view help) {
  return {name,
          value_kind::truth,
          "true or false",
          help,
          [](settings& in, texts t) { return read_truth(t[0], of_server<Member>(in)); },
          [](const settings& of) { return shown(of_server<Member>(of)); }};
}
constexpr std::size_t count_max = 100'000'000;
template <auto Member>
option recovery_count(std::string_view name, std::string_view help) {
  return {name,
          value_kind::number,
          "1 to 100000000",
          help,
          [](settings& in, texts t) {
            return read_number<std::size_t>(t[0], 1, count_max, in.recovery.*Member);
          },
          [](const settings& of) { return shown(of.recovery.*Member); }};
}
template <auto Member>
option program_text(std::string_view name, std::string_view allowed, std::string_view help) {
  return {name,
          value_kind::text,
          allowed,
          help,
          [](settings& in, texts t) {
            of_program<Member>(in) = t[0];
            return true;
          },
          [](const settings& of) { return shown(of_program<Member>(of)); }};
}

bool set_host(settings& in, texts t) {
  in.host = t[0];
  return !t[0].empty();
}
bool set_listen(settings& in, texts t) {
  for (const auto& one : t) {
    if (!read_address(one)) return false;
  }
  in.listen.assign(t.begin(), t.end());
  return true;
}
bool set_ops_listen(settings& in, texts t) {
  in.ops_listen = t[0];
  in.ops_listen_told = true;
  return t[0].empty() || read_address(t[0]).has_value();
}
bool set_path(settings& in, texts t) {
  in.server.path = t[0];
  return t[0].size() > 1 && t[0][0] == '/';
}
bool set_transports(settings& in, texts t) {
  for (const auto& one : t) {
    if (one != "polling" && one != "websocket") return false;
  }
  in.server.transports.assign(t.begin(), t.end());
  return !t.empty();
}
bool set_lanes(settings& in, texts t) {
  return read_number<std::size_t>(t[0], 0, 64, in.server.lanes);
}
bool set_connections_max(settings& in, texts t) {
  return read_number<std::size_t>(t[0], 0, 100'000'000, in.server.connections_max);
}
bool set_child_namespaces_max(settings& in, texts t) {
  return read_number<std::size_t>(t[0], 1, 100'000'000, in.server.child_namespaces_max);
}
bool set_client_dir(settings& in, texts t) {
  in.server.client_dir = t[0];
  return true;
}
bool set_cors_origins(settings& in, texts t) {
  for (const auto& one : t) {
    if (one != "*" && one.find("://") == std::string::npos) return false;
  }
  in.cors_origins.assign(t.begin(), t.end());
  return true;
}

bool set_per_message_deflate(settings& in, texts t) {
  bool on = false;
  if (!read_truth(t[0], on)) return false;
  in.server.per_message_deflate.reset();
  if (on) in.server.per_message_deflate.emplace();
  return true;
}
bool set_http_compression(settings& in, texts t) {
  bool on = false;
  if (!read_truth(t[0], on)) return false;
  in.server.http_compression.reset();
  if (on) in.server.http_compression.emplace();
  return true;
}
bool set_cookie(settings& in, texts t) {
  in.server.cookie.reset();
  if (t[0].empty()) return true;
  in.server.cookie.emplace().name = t[0];
  return http::is_cookie_name(t[0]);
}
bool set_unix_mode(settings& in, texts t) {
  in.unix_mode = t[0];
  return t[0].empty() ||
         (t[0].size() <= 4 && t[0].find_first_not_of("01234567") == std::string::npos);
}

std::vector<option> wire_options() {
  return {
      {"per_message_deflate", value_kind::truth, "true or false",
       "deflate WebSocket messages for clients that offer it", set_per_message_deflate,
       [](const settings& of) { return shown(of.server.per_message_deflate.has_value()); }},
      {"http_compression", value_kind::truth, "true or false",
       "gzip or deflate answers to polls, as clients accept it", set_http_compression,
       [](const settings& of) { return shown(of.server.http_compression.has_value()); }},
      {"cookie", value_kind::text, "a name without spaces and separators",
       "a cookie with the session id; empty: none", set_cookie,
       [](const settings& of) { return shown(of.server.cookie ? of.server.cookie->name : ""); }},
      {"unix_mode", value_kind::text, "up to four octal digits, as 660",
       "permissions of Unix sockets; empty: what the umask leaves", set_unix_mode,
       [](const settings& of) { return shown(of.unix_mode); }},
  };
}

bool set_parser(settings& in, texts t) {
  in.server.parser = t[0] == "msgpack" ? msgpack_parser() : nullptr;
  return t[0] == "msgpack" || t[0] == "default";
}

std::vector<option> packet_options() {
  using recovery_options = connection_state_recovery_options;
  return {
      {"parser", value_kind::text, "default or msgpack",
       "how packets travel; clients need the same one", set_parser,
       [](const settings& of) { return quoted(of.server.parser ? "msgpack" : "default"); }},
      {"connection_state_recovery", value_kind::truth, "true or false",
       "clients that come back soon go on where they were",
       [](settings& in, texts t) { return read_truth(t[0], in.recovers); },
       [](const settings& of) { return shown(of.recovers); }},
      {"recovery_max_disconnection_duration", value_kind::number, "1 to 2147483647 milliseconds",
       "how long a client may be away",
       [](settings& in, texts t) {
         return read_time(t[0], in.recovery.max_disconnection_duration);
       },
       [](const settings& of) { return shown(of.recovery.max_disconnection_duration); }},
      {"recovery_skip_middlewares", value_kind::truth, "true or false",
       "do not ask middleware about clients that come back",
       [](settings& in, texts t) { return read_truth(t[0], in.recovery.skip_middlewares); },
       [](const settings& of) { return shown(of.recovery.skip_middlewares); }},
      {"recovery_bytes_max", value_kind::number, "1 to 1099511627776 bytes",
       "events that are kept for clients that come back",
       [](settings& in, texts t) { return read_bytes(t[0], in.recovery.bytes_max); },
       [](const settings& of) { return shown(of.recovery.bytes_max); }},
      recovery_count<&recovery_options::sessions_max>("recovery_sessions_max",
                                                      "clients that are away at once"),
      recovery_count<&recovery_options::session_events_max>("recovery_session_events_max",
                                                            "kept events of one client"),
  };
}

constexpr std::array<std::string_view, 5> level_names{"debug", "info", "warn", "error", "off"};
bool set_log_level(settings& in, texts t) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (t[0] != level_names[i]) continue;
    in.log_level = static_cast<gossamer::log_level>(i);
    return true;
  }
  return false;
}
std::string show_log_level(const settings& of) {
  return quoted(level_names[static_cast<std::size_t>(of.log_level)]);
}
bool set_log_format(settings& in, texts t) {
  in.log_format = t[0] == "json" ? log_format::json : log_format::text;
  return t[0] == "json" || t[0] == "text";
}

std::vector<option> socket_options() {
  return {
      {"path", value_kind::text, "a path that starts with /, as /socket.io",
       "where Socket.IO is served", set_path,
       [](const settings& of) { return shown(of.server.path); }},
      server_truth<&options::add_trailing_slash>("add_trailing_slash",
                                                 "serve PATH/ rather than PATH"),
      {"transports", value_kind::texts, "of polling and websocket, at least one",
       "how clients may connect", set_transports,
       [](const settings& of) { return shown(of.server.transports); }},
      server_truth<&options::allow_upgrades>("allow_upgrades",
                                             "let polling clients change to WebSocket"),
      server_truth<&options::allow_eio3>("allow_eio3", "let clients of Socket.IO 1.x and 2.x in"),
      server_time<&options::ping_interval>("ping_interval", "time between pings"),
      server_time<&options::ping_timeout>("ping_timeout",
                                          "a client that is silent longer is closed"),
      server_time<&options::upgrade_timeout>("upgrade_timeout", "time for an upgrade"),
      server_time<&options::connect_timeout>("connect_timeout", "time to join a namespace"),
      server_truth<&options::cleanup_empty_child_namespaces>(
          "cleanup_empty_child_namespaces", "end a client's namespace with its last socket"),
      {"child_namespaces_max", value_kind::number, "1 to 100000000",
       "namespaces that clients may bring into being", set_child_namespaces_max,
       [](const settings& of) { return shown(of.server.child_namespaces_max); }},
      server_bytes<&options::max_http_buffer_size>("max_http_buffer_size",
                                                   "longest message from a client"),
      {"cors_origins", value_kind::texts, "origins as https://example.org, or *",
       "pages of other origins that may connect; none: no CORS", set_cors_origins,
       [](const settings& of) { return shown(of.cors_origins); }},
      {"cors_credentials", value_kind::truth, "true or false", "let those pages send cookies",
       [](settings& in, texts t) { return read_truth(t[0], in.cors_credentials); },
       [](const settings& of) { return shown(of.cors_credentials); }},
  };
}

std::vector<option> file_options() {
  return {
      program_text<&settings::web_dir>("web_dir", "a folder", "files to serve at /"),
      server_truth<&options::serve_client>("serve_client", "serve the browser client"),
      {"client_dir", value_kind::text, "a folder", "where the browser client's files are",
       set_client_dir, [](const settings& of) { return shown(of.server.client_dir); }},
      program_text<&settings::tls_cert>("tls_cert", "a PEM file",
                                        "certificate chain; makes it https"),
      program_text<&settings::tls_key>("tls_key", "a PEM file", "the certificate's key"),
  };
}

std::vector<option> process_options() {
  return {
      {"lanes", value_kind::number, "0 to 64", "threads for clients; 0: one per core", set_lanes,
       [](const settings& of) { return shown(of.server.lanes); }},
      server_truth<&options::pin_cpus>("pin_cpus", "keep each of these threads on one CPU"),
      server_bytes<&options::lane_inbox_bytes_max>("lane_inbox_bytes_max",
                                                   "bound of a thread's delivery queue"),
      server_bytes<&options::send_soft_bytes>("send_soft_bytes",
                                              "unsent to a client: over it volatile is dropped"),
      server_bytes<&options::send_hard_bytes>(
          "send_hard_bytes", "unsent to a client: over it a client that takes nothing is closed"),
      server_bytes<&options::send_cap_bytes>("send_cap_bytes",
                                             "unsent to a client: over it the client is closed"),
      {"connections_max", value_kind::number, "0 to 100000000", "connections at once; 0: no limit",
       set_connections_max, [](const settings& of) { return shown(of.server.connections_max); }},
      server_time<&options::slow_handler>("slow_handler", "a handler that runs longer is logged"),
      {"ops_listen", value_kind::text, "an address as 127.0.0.1:9464 or unix:/path, or empty",
       "where /healthz and /metrics are; empty: nowhere", set_ops_listen,
       [](const settings& of) { return shown(of.ops_listen); }},
      server_time<&options::lane_hangs_after>("lane_hangs_after",
                                              "/healthz says 503 when a handler runs longer"),
      {"log_level", value_kind::text, "debug, info, warn, error or off", "what is logged",
       set_log_level, show_log_level},
      {"log_format", value_kind::text, "text or json", "how it is logged", set_log_format,
       [](const settings& of) {
         return quoted(of.log_format == log_format::json ? "json" : "text");
       }},
  };
}

std::vector<option> make_options() {
  std::vector<option> all{
      {"host", value_kind::text, "an IPv4 or IPv6 address, or unix:/path", "where to listen",
       set_host, [](const settings& of) { return shown(of.host); }},
      {"port", value_kind::number, "0 to 65535", "where to listen; 0: any free port",
       [](settings& in, texts t) { return read_number<std::uint16_t>(t[0], 0, 65535, in.port); },
       [](const settings& of) { return shown(of.port); }},
      {"listen", value_kind::texts, "addresses as 127.0.0.1:3000, [::1]:3000 or unix:/path",
       "where to listen, instead of host and port", set_listen,
       [](const settings& of) { return shown(of.listen); }},
  };
  for (const auto& part :
       {socket_options(), packet_options(), wire_options(), file_options(), process_options()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

std::span<const option> all_options() {
  static const auto all = make_options();
  return all;
}

}  // namespace gossamer::config
