// The examples of docs/api/options.md: what belongs to Socket.IO and to the process.
#include "tests/unit/api/site.hpp"
#include "tests/unit/server/own_certificate.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <sys/stat.h>

namespace gossamer::api {
namespace {

using test::test_client;

constexpr std::string_view polling = "/socket.io/?EIO=4&transport=polling";

// -- Socket.IO ------------------------------------------------------------------------------------

TEST(ApiOptions, Path) {
  // example: options::path, options::add_trailing_slash
  gossamer::options how;
  how.path = "/live";              // clients say io(url, { path: "/live" })
  how.add_trailing_slash = false;  // "/live?EIO=4...", not "/live/?EIO=4..."
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  EXPECT_EQ(test_client(listen(io)).get("/live?EIO=4&transport=polling").status, 200U);
  EXPECT_EQ(test_client(listen(io)).get(polling).status, 404U);
}

TEST(ApiOptions, ServeClient) {
  const auto dist = std::filesystem::path(testing::TempDir()) / ("dist" + std::to_string(getpid()));
  std::filesystem::create_directories(dist);
  std::ofstream(dist / "socket.io.js") << "// the client";
  // example: options::serve_client, options::client_dir
  gossamer::options how;
  how.serve_client = true;  // the default
  how.client_dir =
      dist.string();  // e.g. node_modules/socket.io/client-dist; empty: none are served
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  EXPECT_EQ(test_client(listen(io)).get("/socket.io/socket.io.js").body, "// the client");
  std::filesystem::remove_all(dist);
}

TEST(ApiOptions, ConnectTimeout) {
  // example: options::connect_timeout
  gossamer::options how;
  how.connect_timeout = 50ms;  // 45 s unless told: to join a namespace, also for its middleware
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  test_client wire(listen(io));
  (void)wire.upgrade("/socket.io/?EIO=4&transport=websocket");
  (void)wire.frame();
  EXPECT_TRUE(wire.ended());
}

TEST(ApiOptions, ChildNamespaces) {
  // example: options::cleanup_empty_child_namespaces, options::child_namespaces_max
  gossamer::options how;
  how.cleanup_empty_child_namespaces = true;  // /desk-1 ends with its last socket
  how.child_namespaces_max = 1;               // 10,000 unless told
  gossamer::server io(how);
  (void)io.of_pattern("/desk-.*");
  // end
  const brief_end soon(io);
  {
    const client ada(io, {.nsp = "/desk-1"});
    EXPECT_EQ(client(io, {.nsp = "/desk-2"}).refused, R"({"message":"too many namespaces"})");
  }
  EXPECT_TRUE(eventually([&] { return !client(io, {.nsp = "/desk-2"}).id.empty(); }));
}

TEST(ApiOptions, Parser) {
  // example: options::parser, msgpack_parser
  gossamer::options how;
  how.parser = gossamer::msgpack_parser();  // clients need socket.io-msgpack-parser
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  test_client wire(listen(io));
  (void)wire.upgrade("/socket.io/?EIO=4&transport=websocket");
  (void)wire.frame();
  // {"type":0,"nsp":"/"} in msgpack
  wire.binary(std::string("\x82\xa4type\x00\xa3nsp\xa1/", 13));
  EXPECT_THAT(wire.frame(), testing::StartsWith("binary:"));
}

TEST(ApiOptions, Recovery) {
  // example: options::connection_state_recovery
  // example: connection_state_recovery_options::max_disconnection_duration
  // example: connection_state_recovery_options::skip_middlewares
  // example: connection_state_recovery_options::bytes_max
  // example: connection_state_recovery_options::sessions_max
  // example: connection_state_recovery_options::session_events_max
  gossamer::options how;
  how.connection_state_recovery = gossamer::connection_state_recovery_options{
      .max_disconnection_duration = 60s,  // how long a client may be away
      .skip_middlewares = false,          // ask middleware again
      .bytes_max = 16 << 20,              // of kept events, all clients together
      .sessions_max = 1'000,              // clients that are away at once
      .session_events_max = 500,          // events of one client
  };
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  EXPECT_THAT(client(io).connected, HasSubstr("\"pid\":"));
}

// -- the process ----------------------------------------------------------------------------------

TEST(ApiOptions, Lanes) {
  // example: options::lanes, options::pin_cpus, options::lane_inbox_bytes_max
  gossamer::options how;
  how.lanes = 1;                       // one thread for all clients, as in Node; 0: one per core
  how.pin_cpus = true;                 // each lane stays on its core
  how.lane_inbox_bytes_max = 8 << 20;  // what may wait for a lane; then errc::lane_full
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  std::set<std::thread::id> threads;
  io.on_connection([&](gossamer::socket) { threads.insert(std::this_thread::get_id()); });
  { const client ada(io), bob(io), carol(io); }
  (void)io.stop();
  EXPECT_EQ(threads.size(), 1U);
}

TEST(ApiOptions, LogAndSlowHandler) {
  gossamer::guarded<strings> lines;
  // example: options::log, options::slow_handler
  gossamer::options how;
  how.slow_handler = 5ms;  // a handler that runs longer is logged, with its name
  how.log =
      gossamer::logger(gossamer::log_level::warn, [&](gossamer::log_level, std::string_view line) {
        lines.with([&](auto& all) { all.emplace_back(line); });
      });
  gossamer::server io(how);
  io.on("save", [] {
    std::this_thread::sleep_for(20ms);  // the other clients of this lane wait meanwhile
    return true;
  });
  // end
  const brief_end soon(io);
  {
    client ada(io);
    EXPECT_EQ(ada.ask(R"(["save"])"), "[true]");
  }
  (void)io.stop();
  EXPECT_THAT(lines.with([](auto& all) { return all; }),
              testing::Contains(HasSubstr("handler 'save' held lane")));
}

TEST(ApiOptions, Logger) {
  strings lines;
  // example: logger::logger, logger::enabled, logger::write, logger::debug, logger::info
  // example: logger::warn, logger::error, stderr_sink
  const auto to_stderr = gossamer::logger(gossamer::log_level::error, gossamer::stderr_sink());
  const auto kept = gossamer::logger(
      gossamer::log_level::info,
      [&](gossamer::log_level, std::string_view line) { lines.emplace_back(line); });
  kept.debug("not kept: its level is lower");
  kept.info("started port={}", 3000);
  kept.warn("slow");
  kept.error("failed");
  kept.write(gossamer::log_level::info, "stopped");
  const bool would_be_kept = kept.enabled(gossamer::log_level::debug);  // false
  // end
  EXPECT_FALSE(would_be_kept);
  EXPECT_TRUE(to_stderr.enabled(log_level::error));
  EXPECT_THAT(lines, ElementsAre("started port=3000", "slow", "failed", "stopped"));
}

TEST(ApiOptions, Bounds) {
  // example: options::send_soft_bytes, options::send_hard_bytes, options::send_cap_bytes
  // example: options::connections_max, options::max_http_buffer_size
  gossamer::options how;
  how.max_http_buffer_size = 100'000;  // bytes of one message from a client
  how.send_soft_bytes = 64 << 10;      // unsent bytes of one client: no volatile packets over it,
  how.send_hard_bytes = 1 << 20;       // closed over it if it takes nothing any more,
  how.send_cap_bytes = 8 << 20;        // closed over it anyway
  how.connections_max = 1;             // more are answered 503
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  const client ada(io);
  EXPECT_THAT(ada.open, HasSubstr("\"maxPayload\":100000"));
  EXPECT_EQ(test_client(listen(io)).get(polling).status, 503U);
}

TEST(ApiOptions, Ops) {
  // example: options::ops, ops_options::host, ops_options::port, options::lane_hangs_after
  gossamer::options how;
  how.ops = gossamer::ops_options{.host = "127.0.0.1", .port = 0};  // from the first listen() on
  how.lane_hangs_after = 2s;  // a lane that is held longer makes /healthz answer 503
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  (void)listen(io);
  EXPECT_EQ(test_client(io.ops_address()->port).get("/healthz").body, R"({"status":"ok"})");
}

// -- addresses ------------------------------------------------------------------------------------

TEST(ApiOptions, ListenOptions) {
  server io(two_lanes());
  const brief_end soon(io);
  const auto file = testing::TempDir() + "api_" + std::to_string(getpid()) + ".sock";
  // example: listen_options::host, listen_options::port, listen_options::unix_mode
  const auto inside = io.listen({.host = "127.0.0.1", .port = 0});
  const auto local = io.listen({.host = "unix:" + file, .unix_mode = 0660});
  if (!inside || !local) return (void)std::fputs("cannot listen\n", stderr);
  // end
  ASSERT_TRUE(inside && local);
  struct stat info {};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0660U);
}

TEST(ApiOptions, Tls) {
  server io(two_lanes());
  const brief_end soon(io);
  const test::own_certificate made;
  const auto chain_pem = made.options().certificates[0].chain_file;
  const auto key_pem = made.options().certificates[0].key_file;
  // example: listen_options::tls, tls_options::certificates, tls_certificate::chain_file
  // example: tls_certificate::key_file, tls_options::ciphers
  gossamer::http::tls_options tls;
  tls.certificates.push_back({.chain_file = chain_pem, .key_file = key_pem});
  tls.ciphers = "HIGH:!aNULL";  // for TLS 1.2; empty: OpenSSL's default
  const auto bound = io.listen({.host = "127.0.0.1", .port = 0, .tls = tls});
  // end
  test_client wire(bound.value().port);
  wire.start_tls();
  EXPECT_EQ(wire.get(polling).status, 200U);
}

}  // namespace
}  // namespace gossamer::api
