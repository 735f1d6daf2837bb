#include "runtime/links/aead_openssl.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace gossamer::links {

using membership::aead_key;
using membership::aead_nonce;
using membership::aead_tag_bytes;

namespace {

constexpr std::size_t block_bytes = 16;
constexpr std::size_t prefix_bytes = 12;  // of the nonce, for the derived key; the rest is GCM's
using block = std::array<std::uint8_t, block_bytes>;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* raw(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

/// The subkey K1 of CMAC (NIST SP 800-38B, 6.1) from the encrypted zero block.
block doubled(const block& in) {
  block out{};
  std::uint8_t carry = 0;
  for (std::size_t i = block_bytes; i-- > 0;) {
    out[i] = static_cast<std::uint8_t>((in[i] << 1U) | carry);
    carry = in[i] >> 7U;
  }
  if (carry != 0) out.back() ^= 0x87U;
  return out;
}

}  // namespace

struct aead_openssl::contexts {
  EVP_CIPHER* ecb = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
  EVP_CIPHER* gcm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  EVP_CIPHER_CTX* derive = EVP_CIPHER_CTX_new();
  EVP_CIPHER_CTX* crypt = EVP_CIPHER_CTX_new();

  contexts() = default;
  contexts(const contexts&) = delete;
  contexts& operator=(const contexts&) = delete;
  ~contexts() {
    EVP_CIPHER_CTX_free(derive);
    EVP_CIPHER_CTX_free(crypt);
    EVP_CIPHER_free(ecb);
    EVP_CIPHER_free(gcm);
  }
};

aead_openssl::aead_openssl() : contexts_(std::make_unique<contexts>()) {
  GOSSAMER_CHECK(contexts_->ecb != nullptr && contexts_->gcm != nullptr);
  GOSSAMER_CHECK(contexts_->derive != nullptr && contexts_->crypt != nullptr);
}

aead_openssl::~aead_openssl() = default;

aead_key aead_openssl::derive(const aead_key& key, const aead_nonce& nonce) {
  EVP_CIPHER_CTX* ctx = contexts_->derive;
  GOSSAMER_CHECK(EVP_EncryptInit_ex2(ctx, contexts_->ecb, key.data(), nullptr, nullptr) == 1);
  EVP_CIPHER_CTX_set_padding(ctx, 0);
  const auto encrypt = [&](const block& in, std::uint8_t* out) {
    int written = 0;
    GOSSAMER_CHECK(EVP_EncryptUpdate(ctx, out, &written, in.data(), block_bytes) == 1);
    GOSSAMER_CHECK(written == static_cast<int>(block_bytes));
  };
  block zero{};
  encrypt(block{}, zero.data());
  const block subkey = doubled(zero);
  aead_key derived{};
  for (std::uint8_t half = 0; half < 2; ++half) {
    block in{0, static_cast<std::uint8_t>(half + 1), 'X', 0};
    std::copy_n(nonce.begin(), prefix_bytes, in.begin() + 4);
    for (std::size_t i = 0; i < block_bytes; ++i) in[i] ^= subkey[i];
    encrypt(in, derived.data() + half * block_bytes);
  }
  return derived;
}

std::string aead_openssl::seal(const aead_key& key, const aead_nonce& nonce,
                               std::string_view associated, std::string_view plain) {
  EVP_CIPHER_CTX* ctx = contexts_->crypt;
  aead_key derived = derive(key, nonce);
  std::string out(plain.size() + aead_tag_bytes, '\0');
  int written = 0;
  GOSSAMER_CHECK(EVP_EncryptInit_ex2(ctx, contexts_->gcm, derived.data(),
                                     nonce.data() + prefix_bytes, nullptr) == 1);
  GOSSAMER_CHECK(EVP_EncryptUpdate(ctx, nullptr, &written, raw(associated),
                                   static_cast<int>(associated.size())) == 1);
  GOSSAMER_CHECK(
      EVP_EncryptUpdate(ctx, raw(out), &written, raw(plain), static_cast<int>(plain.size())) == 1);
  GOSSAMER_CHECK(EVP_EncryptFinal_ex(ctx, raw(out) + written, &written) == 1);
  GOSSAMER_CHECK(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, aead_tag_bytes,
                                     raw(out) + plain.size()) == 1);
  OPENSSL_cleanse(derived.data(), derived.size());
  return out;
}

std::optional<std::string> aead_openssl::open(const aead_key& key, const aead_nonce& nonce,
                                              std::string_view associated,
                                              std::string_view sealed) {
  if (sealed.size() < aead_tag_bytes) return std::nullopt;
  EVP_CIPHER_CTX* ctx = contexts_->crypt;
  aead_key derived = derive(key, nonce);
  const std::string_view body = sealed.substr(0, sealed.size() - aead_tag_bytes);
  std::string tag(sealed.substr(body.size()));
  std::string out(body.size(), '\0');
  int written = 0;
  GOSSAMER_CHECK(EVP_DecryptInit_ex2(ctx, contexts_->gcm, derived.data(),
                                     nonce.data() + prefix_bytes, nullptr) == 1);
  OPENSSL_cleanse(derived.data(), derived.size());
  GOSSAMER_CHECK(EVP_DecryptUpdate(ctx, nullptr, &written, raw(associated),
                                   static_cast<int>(associated.size())) == 1);
  GOSSAMER_CHECK(
      EVP_DecryptUpdate(ctx, raw(out), &written, raw(body), static_cast<int>(body.size())) == 1);
  GOSSAMER_CHECK(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, aead_tag_bytes, raw(tag)) == 1);
  if (EVP_DecryptFinal_ex(ctx, raw(out) + written, &written) != 1) return std::nullopt;
  return out;
}

}  // namespace gossamer::links
