// TLS: the same code path, but a connection cannot leave its lane.
#include "gateway/http/tls.hpp"

#include "test_server.hpp"
#include <cstdio>
#include <filesystem>
#include <future>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace gossamer::test {
namespace {

// A folder that goes away with the test.
class scratch_folder {
 public:
  scratch_folder() : path_(::testing::TempDir() + "transport_" + std::to_string(::getpid())) {
    std::filesystem::create_directories(path_);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

template <class Write>
void write_file(const std::string& name, Write&& write) {
  std::FILE* out = std::fopen(name.c_str(), "w");
  ASSERT_NE(out, nullptr);
  EXPECT_EQ(write(out), 1);
  std::fclose(out);
}

std::shared_ptr<http::tls_context> self_signed() {
  const scratch_folder folder;
  const http::tls_certificate files{folder.file("chain.pem"), folder.file("key.pem")};
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* made = X509_new();
  X509_set_version(made, 2);
  X509_gmtime_adj(X509_getm_notBefore(made), -60);
  X509_gmtime_adj(X509_getm_notAfter(made), 3600);
  X509_set_pubkey(made, key);
  X509_sign(made, key, EVP_sha256());
  write_file(files.chain_file, [&](std::FILE* out) { return PEM_write_X509(out, made); });
  write_file(files.key_file, [&](std::FILE* out) {
    return PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  X509_free(made);
  EVP_PKEY_free(key);
  http::tls_options options;
  options.certificates = {files};
  return http::make_tls_context(options).value();
}

class TransportTls : public ::testing::Test {
 protected:
  test_client connect() {
    auto made = server_.connect();
    made.start_tls();
    return made;
  }
  test_server server_{{}, 3, self_signed()};
};

TEST_F(TransportTls, ServesPollingAndWebSocket) {
  auto polling = connect();
  const std::string sid = open_polling(polling);
  EXPECT_EQ(polling.post(url("polling", sid), "4hello").body, "ok");
  EXPECT_EQ(polling.get(url("polling", sid)).body, "4hello");

  auto websocket = connect();
  open_websocket(websocket);
  websocket.text("4over tls");
  EXPECT_EQ(websocket.frame(), "text:4over tls");
}

TEST_F(TransportTls, RelaysAnUpgradeFromAnotherLane) {
  std::promise<bool> secure;
  server_.app.on_open = [&](connection& session) {
    secure.set_value(session.handshake()->secure());
  };
  auto polling = connect();
  const std::string sid = open_polling(polling);
  EXPECT_TRUE(secure.get_future().get());
  auto websocket = connect();
  ASSERT_EQ(websocket.upgrade(url("websocket", sid)).status, 101U);
  websocket.text("2probe");
  EXPECT_EQ(websocket.frame(), "text:3probe");
  EXPECT_EQ(polling.post(url("polling", sid), "4first").body, "ok");
  websocket.text("5");
  EXPECT_EQ(websocket.frame(), "text:4first");
  const std::string big(900'000, 'b');
  for (int i = 0; i < 3; ++i) {
    websocket.text("4" + big + std::to_string(i));
    EXPECT_TRUE(websocket.frame() == "text:4" + big + std::to_string(i));
  }
  EXPECT_EQ(server_.stats().websockets_relayed, 1U);
  EXPECT_EQ(server_.stats().websocket, 1U);
  websocket.text("x");
  EXPECT_EQ(websocket.frame(), "close:1005");
  EXPECT_EQ(server_.app.notes.next(), "closed: parse error");
}

TEST_F(TransportTls, RefusesARelayedUpgradeOfAnUnknownSession) {
  auto first = connect();
  const std::string sid = open_polling(first);
  EXPECT_EQ(first.post(url("polling", sid), "1").body, "ok");
  for (int lane = 0; lane < 3; ++lane) {
    auto websocket = connect();
    const auto refused = websocket.upgrade(url("websocket", sid));
    EXPECT_EQ(refused.status, 400U);
    EXPECT_EQ(refused.body, "Session ID unknown");
  }
}

}  // namespace
}  // namespace gossamer::test
