#include "runtime/membership/envelope.hpp"

#include "runtime/links/aead_openssl.hpp"

#include <gtest/gtest.h>

namespace gossamer::membership {
namespace {

aead_key key_of(std::uint8_t fill) {
  aead_key key;
  key.fill(fill);
  return key;
}

aead_nonce nonce_of(std::string_view text) {
  aead_nonce nonce{};
  std::copy(text.begin(), text.end(), nonce.begin());
  return nonce;
}

std::string hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

class GossipEnvelope : public ::testing::Test {
 protected:
  envelope make(encryption mode, key_ring keys, std::string_view label = "prod") {
    return {label, mode, std::move(keys), cipher, random};
  }
  links::aead_openssl cipher;
  seeded_random random{1};
};

/// The two vectors of the specification of XAES-256-GCM.
TEST_F(GossipEnvelope, EncryptsAsXaesIsSpecified) {
  const aead_nonce nonce = nonce_of("ABCDEFGHIJKLMNOPQRSTUVWX");
  EXPECT_EQ(hex(cipher.seal(key_of(1), nonce, "", "XAES-256-GCM")),
            "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
  EXPECT_EQ(hex(cipher.seal(key_of(3), nonce, "c2sp.org/XAES-256-GCM", "XAES-256-GCM")),
            "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
}

TEST_F(GossipEnvelope, OpensWhatItSealed) {
  envelope a = make(encryption::required, key_ring(key_of(1)));
  for (const std::string& text : {std::string(), std::string("x"), std::string(1352, 'y')}) {
    const std::string datagram = a.seal(text);
    EXPECT_EQ(datagram.size(), text.size() + envelope::overhead_bytes);
    EXPECT_LE(datagram.size(), envelope::datagram_bytes_max);
    EXPECT_EQ(a.open(datagram).value(), text);
  }
}

TEST_F(GossipEnvelope, RefusesEveryFlippedBit) {
  envelope a = make(encryption::required, key_ring(key_of(1)));
  const std::string datagram = a.seal("hello");
  for (std::size_t bit = 0; bit < datagram.size() * 8; ++bit) {
    std::string damaged = datagram;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(a.open(damaged).has_value()) << bit;
  }
}

TEST_F(GossipEnvelope, RefusesTruncationsAndGarbage) {
  envelope a = make(encryption::required, key_ring(key_of(1)));
  const std::string datagram = a.seal("hello");
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    EXPECT_FALSE(a.open(datagram.substr(0, size)).has_value());
  }
  EXPECT_EQ(a.open("GET / HTTP/1.1\r\n").error(), errc::not_an_envelope);
  EXPECT_EQ(a.open(std::string(1401, 'g')).error(), errc::too_large);
}

TEST_F(GossipEnvelope, TellsAnotherClusterFromAWrongKey) {
  envelope a = make(encryption::required, key_ring(key_of(1)));
  envelope other_label = make(encryption::required, key_ring(key_of(1)), "staging");
  envelope other_key = make(encryption::required, key_ring(key_of(2)));
  EXPECT_EQ(other_label.open(a.seal("x")).error(), errc::other_cluster);
  EXPECT_EQ(other_key.open(a.seal("x")).error(), errc::not_authentic);
  envelope plain = make(encryption::off, {});
  envelope plain_other = make(encryption::off, {}, "staging");
  EXPECT_EQ(plain_other.open(plain.seal("x")).error(), errc::other_cluster);
  EXPECT_EQ(a.open(plain.seal("x")).error(), errc::not_encrypted);
}

/// The hash of the label is only a hint: the label itself is authenticated.
TEST_F(GossipEnvelope, BindsTheWholeLabelNotOnlyItsHash) {
  const std::string nonce(aead_nonce_bytes, 'n');
  const std::string header = make(encryption::required, key_ring(key_of(1))).seal("").substr(0, 6);
  const std::string forged =
      header + nonce + cipher.seal(key_of(1), nonce_of(nonce), header + "prud", "x");
  EXPECT_EQ(make(encryption::required, key_ring(key_of(1))).open(forged).error(),
            errc::not_authentic);
}

TEST_F(GossipEnvelope, RotatesKeysInThreeStepsWithoutAGap) {
  envelope a = make(encryption::required, key_ring(key_of(1)));
  envelope b = make(encryption::required, key_ring(key_of(1)));
  const auto both_ways = [&] {
    return a.open(b.seal("x")).has_value() && b.open(a.seal("x")).has_value();
  };
  for (envelope* e : {&a, &b}) {
    ASSERT_TRUE(e->keys().add(key_of(2)).has_value());
    EXPECT_TRUE(both_ways());
  }
  for (envelope* e : {&a, &b}) {
    ASSERT_TRUE(e->keys().use(key_of(2)).has_value());
    EXPECT_TRUE(both_ways());
  }
  for (envelope* e : {&a, &b}) {
    ASSERT_TRUE(e->keys().remove(key_of(1)).has_value());
    EXPECT_TRUE(both_ways());
  }
  envelope old = make(encryption::required, key_ring(key_of(1)));
  EXPECT_FALSE(a.open(old.seal("x")).has_value());
}

TEST_F(GossipEnvelope, GoesFromPlainToEncryptedWithoutAGap) {
  envelope a = make(encryption::off, key_ring(key_of(1)));
  envelope b = make(encryption::off, key_ring(key_of(1)));
  for (const encryption step :
       {encryption::open_both, encryption::seal_open_both, encryption::required}) {
    for (envelope* e : {&a, &b}) {
      e->set_mode(step);
      EXPECT_TRUE(a.open(b.seal("x")).has_value() && b.open(a.seal("x")).has_value());
    }
  }
}

TEST(KeyRing, GuardsItsPrimaryAndItsBound) {
  key_ring ring(key_of(1));
  EXPECT_EQ(ring.remove(key_of(1)).error(), errc::key_in_use);
  EXPECT_EQ(ring.use(key_of(2)).error(), errc::unknown_key);
  EXPECT_EQ(ring.remove(key_of(2)).error(), errc::unknown_key);
  for (std::uint8_t n = 2; n <= key_ring::keys_max; ++n) {
    EXPECT_TRUE(ring.add(key_of(n)).has_value());
  }
  EXPECT_EQ(ring.add(key_of(99)).error(), errc::ring_full);
  EXPECT_TRUE(ring.add(key_of(1)).has_value());
  EXPECT_EQ(ring.keys().size(), key_ring::keys_max);
}

}  // namespace
}  // namespace gossamer::membership
