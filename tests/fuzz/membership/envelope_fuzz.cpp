// The envelope of datagrams: nothing that was not sealed with a key of the ring is opened.
#include "runtime/base/check.hpp"
#include "runtime/links/aead_openssl.hpp"
#include "runtime/membership/envelope.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace gossamer;
using namespace gossamer::membership;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static links::aead_openssl cipher;
  static seeded_random random(1);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  aead_key key{};
  envelope closed("label", encryption::required, key_ring(key), cipher, random);
  GOSSAMER_CHECK(!closed.open(input).has_value());
  envelope plain("label", encryption::off, {}, cipher, random);
  const auto opened = plain.open(input);
  if (opened) GOSSAMER_CHECK(plain.seal(*opened) == input);
  if (size + envelope::overhead_bytes <= envelope::datagram_bytes_max) {
    GOSSAMER_CHECK(closed.open(closed.seal(input)).value() == input);
  }
  return 0;
}
