// TLS over loopback, with certificates made on the spot and OpenSSL as the client.
#include "gateway/http/tls.hpp"
#include "tests/unit/http/test_server.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string>
#include <thread>

namespace gossamer::http::test {
namespace {

// A self-signed certificate for one DNS name, as two PEM files.
tls_certificate make_certificate(const std::string& folder, const std::string& name) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* made = X509_new();
  X509_set_version(made, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  X509_gmtime_adj(X509_getm_notBefore(made), -60);
  X509_gmtime_adj(X509_getm_notAfter(made), 3600);
  X509_set_pubkey(made, key);
  X509_NAME* subject = X509_get_subject_name(made);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(made, subject);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + name).c_str());
  X509_add_ext(made, names, -1);
  X509_EXTENSION_free(names);
  X509_sign(made, key, EVP_sha256());
  tls_certificate files{folder + "/" + name + ".pem", folder + "/" + name + ".key"};
  std::FILE* out = std::fopen(files.chain_file.c_str(), "w");
  PEM_write_X509(out, made);
  std::fclose(out);
  out = std::fopen(files.key_file.c_str(), "w");
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  X509_free(made);
  EVP_PKEY_free(key);
  return files;
}

// A blocking TLS client on top of a plain one.
class tls_client {
 public:
  struct settings {
    const char* name = nullptr;
    const char* alpn = nullptr;
    int version_max = 0;
  };
  explicit tls_client(std::uint16_t port) : tls_client(port, settings{}) {}
  tls_client(std::uint16_t port, settings with)
      : plain_(port), context_(SSL_CTX_new(TLS_client_method())) {
    if (with.version_max != 0) SSL_CTX_set_max_proto_version(context_, with.version_max);
    ssl_ = SSL_new(context_);
    if (with.name != nullptr) SSL_set_tlsext_host_name(ssl_, with.name);
    if (with.alpn != nullptr) {
      SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(with.alpn),
                          static_cast<unsigned>(std::strlen(with.alpn)));
    }
    SSL_set_fd(ssl_, plain_.fd());
    connected_ = SSL_connect(ssl_) == 1;
  }
  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;
  ~tls_client() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  [[nodiscard]] bool connected() const { return connected_; }
  void write(const std::string& data) {
    EXPECT_EQ(SSL_write(ssl_, data.data(), static_cast<int>(data.size())),
              static_cast<int>(data.size()));
  }
  std::string read(std::size_t size) {
    std::string got(size, '\0');
    std::size_t have = 0;
    while (have < size) {
      const int piece = SSL_read(ssl_, got.data() + have, static_cast<int>(size - have));
      if (piece <= 0) break;
      have += static_cast<std::size_t>(piece);
    }
    got.resize(have);
    return got;
  }
  /// Reads to the end; true if the server said goodbye properly.
  bool ends_properly(std::string& got) {
    char piece[4096];
    int size = 0;
    while ((size = SSL_read(ssl_, piece, sizeof piece)) > 0)
      got.append(piece, static_cast<std::size_t>(size));
    return SSL_get_error(ssl_, size) == SSL_ERROR_ZERO_RETURN;
  }
  std::string certificate_name() {
    X509* shown = SSL_get1_peer_certificate(ssl_);
    char name[128] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, name, sizeof name);
    X509_free(shown);
    return name;
  }
  std::string alpn() {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &chosen, &size);
    return {reinterpret_cast<const char*>(chosen), size};
  }
  SSL* ssl() { return ssl_; }

 private:
  client plain_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
};

class Tls : public loopback {
 protected:
  Tls() : folder_(::testing::TempDir() + "tls_" + std::to_string(::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~Tls() override { std::filesystem::remove_all(folder_); }
  void start_tls(function_routes::function f, server_options options = {}) {
    tls_options tls;
    tls.certificates = {make_certificate(folder_, "first.test"),
                        make_certificate(folder_, "*.second.test")};
    std::string why;
    auto context = make_tls_context(tls, &why);
    ASSERT_TRUE(context) << why;
    listen_options where;
    where.tls = *context;
    start(std::move(f), std::move(options), 1, where);
  }
  std::string folder_;
};

const std::string get = "GET /s HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(Tls, ServesLikePlainHttp) {
  start_tls([](std::shared_ptr<exchange> x) {
    EXPECT_TRUE(x->req().secure);
    response out;
    out.body = "sealed";
    x->respond(std::move(out));
  });
  tls_client c(port);
  ASSERT_TRUE(c.connected());
  const std::string expected =
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: keep-alive\r\n"
      "Keep-Alive: timeout=75\r\n\r\nsealed";
  for (int i = 0; i < 3; ++i) {
    c.write(get);
    EXPECT_EQ(c.read(expected.size()), expected);
  }
}

TEST_F(Tls, CarriesLargeBodiesBothWays) {
  start_tls([](std::shared_ptr<exchange> x) {
    response out;
    for (int i = 0; i < 10; ++i) out.body += x->req().body;
    x->respond(std::move(out));
  });
  tls_client c(port);
  const std::string body(900'000, 'q');
  c.write("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 900000\r\n\r\n" +
          body);
  std::string got;
  EXPECT_TRUE(c.ends_properly(got));
  EXPECT_EQ(got.size() - got.find("\r\n\r\n") - 4, 9'000'000U);
}

TEST_F(Tls, ChoosesTheCertificateByServerName) {
  start_tls(echo);
  const auto shown = [&](const char* name) {
    tls_client c(port, {.name = name});
    return c.connected() ? c.certificate_name() : std::string("-");
  };
  EXPECT_EQ(shown(nullptr), "first.test");
  EXPECT_EQ(shown("first.test"), "first.test");
  EXPECT_EQ(shown("a.second.test"), "*.second.test");
  EXPECT_EQ(shown("unknown.test"), "first.test");
}

TEST_F(Tls, NegotiatesHttp11Only) {
  start_tls(echo);
  tls_client both(port, {.alpn = "\x02h2\x08http/1.1"});
  EXPECT_TRUE(both.connected());
  EXPECT_EQ(both.alpn(), "http/1.1");
  tls_client neither(port, {.alpn = "\x02h2"});
  EXPECT_FALSE(neither.connected());
}

TEST_F(Tls, Speaks12ButNothingOlder) {
  start_tls(echo);
  tls_client tls12(port, {.version_max = TLS1_2_VERSION});
  EXPECT_TRUE(tls12.connected());
  tls_client tls11(port, {.version_max = TLS1_1_VERSION});
  EXPECT_FALSE(tls11.connected());
}

TEST_F(Tls, RefusesRenegotiation) {
  start_tls(echo);
  tls_client c(port, {.version_max = TLS1_2_VERSION});
  ASSERT_TRUE(c.connected());
  SSL_renegotiate(c.ssl());
  EXPECT_NE(SSL_do_handshake(c.ssl()), 1);
}

TEST_F(Tls, EndsAClientThatSpeaksPlainHttp) {
  start_tls(echo);
  client c(port);
  c.write(get);
  c.read_all();
  c.close();
  while (http->stats().connections_closed == 0) std::this_thread::yield();
  EXPECT_EQ(http->stats().tls_failures, 1U);
  EXPECT_EQ(http->stats().requests, 0U);
}

TEST_F(Tls, EndsAHandshakeThatDoesNotComeInTime) {
  server_options options;
  options.head_time_max = milliseconds(60);
  start_tls(echo, options);
  client c(port);
  c.write("\x16\x03\x01");
  EXPECT_EQ(c.read_all(), "");
}

TEST_F(Tls, SaysWhichFileIsWrong) {
  std::string why;
  EXPECT_EQ(make_tls_context({}, &why).error(), errc::bad_certificate);
  EXPECT_EQ(why, "no certificate given");
  const auto good = make_certificate(folder_, "good.test");
  const auto other = make_certificate(folder_, "other.test");
  const auto with = [&](tls_certificate certificate) {
    tls_options options;
    options.certificates = {std::move(certificate)};
    return make_tls_context(options, &why);
  };
  EXPECT_FALSE(with({folder_ + "/absent.pem", good.key_file}));
  EXPECT_NE(why.find("absent.pem"), std::string::npos);
  EXPECT_FALSE(with({good.chain_file, other.key_file}));
  EXPECT_NE(why.find("other.test.key"), std::string::npos);
  EXPECT_TRUE(with(good));
}

}  // namespace
}  // namespace gossamer::http::test
