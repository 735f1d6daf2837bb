// TLS for listeners: certificates from PEM files, chosen by server name.
//
// TLS 1.2 and later, no renegotiation, no compression, ALPN `http/1.1`. Buffers of idle connections
// are released. The handshake has the time of a request head (server_options::head_time_max).
#pragma once

#include "gateway/http/tls_filter.hpp"
#include "runtime/base/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace gossamer::http {

struct tls_certificate {
  std::string chain_file;  // PEM: the certificate, then those that sign it
  std::string key_file;    // PEM, without a passphrase
};

struct tls_options {
  /// The first one serves clients that send no server name, or one that no certificate covers.
  std::vector<tls_certificate> certificates;
  /// OpenSSL's list for TLS 1.2; empty: the library's default.
  std::string ciphers;
};

/// Errors: errc::bad_certificate (a file cannot be read, key and certificate do not match, a bad
/// cipher list, no certificate); `detail`, if given, then says which and why.
[[nodiscard]] result<std::shared_ptr<tls_context>> make_tls_context(const tls_options& options,
                                                                    std::string* detail = nullptr);

}  // namespace gossamer::http
