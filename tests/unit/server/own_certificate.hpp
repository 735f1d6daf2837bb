// A self-signed certificate in files that go away with it.
#pragma once

#include "gateway/http/tls.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string>
#include <unistd.h>

namespace gossamer::test {

class own_certificate {
 public:
  own_certificate()
      : folder_(::testing::TempDir() + "own_certificate_" + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_);
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* made = X509_new();
    X509_set_version(made, 2);
    X509_gmtime_adj(X509_getm_notBefore(made), -60);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key);
    X509_sign(made, key, EVP_sha256());
    write(chain(), [&](std::FILE* out) { return PEM_write_X509(out, made); });
    write(private_key(), [&](std::FILE* out) {
      return PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
    X509_free(made);
    EVP_PKEY_free(key);
  }
  own_certificate(const own_certificate&) = delete;
  own_certificate& operator=(const own_certificate&) = delete;
  ~own_certificate() { std::filesystem::remove_all(folder_); }

  [[nodiscard]] http::tls_options options() const { return {{{chain(), private_key()}}, ""}; }

 private:
  [[nodiscard]] std::string chain() const { return folder_ + "/chain.pem"; }
  [[nodiscard]] std::string private_key() const { return folder_ + "/key.pem"; }
  template <class Write>
  static void write(const std::string& name, Write&& to) {
    std::FILE* out = std::fopen(name.c_str(), "w");
    ASSERT_NE(out, nullptr);
    EXPECT_EQ(to(out), 1);
    std::fclose(out);
  }

  std::string folder_;
};

}  // namespace gossamer::test
