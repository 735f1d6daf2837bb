// AES-256-GCM with random 24-byte nonces (XAES-256-GCM, c2sp.org/XAES-256-GCM), over OpenSSL.
//
// The first half of the nonce derives a key of its own for each datagram, the second half is GCM's
// nonce: random nonces then never come near a collision, however long a cluster keeps its key.
//
// Runs on: one thread at a time. Owns: its OpenSSL contexts.
// Errors: a failure inside OpenSSL itself (no memory, no AES) is a failed check.
#pragma once

#include "runtime/membership/aead.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::links {

class aead_openssl final : public membership::aead {
 public:
  aead_openssl();
  ~aead_openssl() override;
  aead_openssl(const aead_openssl&) = delete;
  aead_openssl& operator=(const aead_openssl&) = delete;

  [[nodiscard]] std::string seal(const membership::aead_key& key,
                                 const membership::aead_nonce& nonce, std::string_view associated,
                                 std::string_view plain) override;
  [[nodiscard]] std::optional<std::string> open(const membership::aead_key& key,
                                                const membership::aead_nonce& nonce,
                                                std::string_view associated,
                                                std::string_view sealed) override;

 private:
  struct contexts;
  [[nodiscard]] membership::aead_key derive(const membership::aead_key& key,
                                            const membership::aead_nonce& nonce);

  std::unique_ptr<contexts> contexts_;
};

}  // namespace gossamer::links
