// The one file that sees OpenSSL.
//
//     feed(ciphertext) -> in_ -> BIO read  \            / SSL_read  -> read(plaintext)
//                                            SSL object
//     backlog() <- backlog_ <- BIO write   /            \ SSL_write <- write(plaintext)
//
// The BIO is ours: it reads from the bytes of the current call and writes to a string, so an idle
// connection keeps no buffer of any kind (SSL_MODE_RELEASE_BUFFERS does the rest).
#include "gateway/http/errc.hpp"
#include "gateway/http/tls.hpp"
#include "gateway/http/tls_filter.hpp"
#include "runtime/base/check.hpp"

#include <algorithm>
#include <cstring>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string>
#include <utility>
#include <vector>

namespace gossamer::http {
namespace {

struct context_free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct ssl_free {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using context_ptr = std::unique_ptr<SSL_CTX, context_free>;

class filter final : public tls_filter {
 public:
  explicit filter(SSL_CTX* context);

  void feed(std::span<const char> sealed) override { in_ = sealed; }
  read_result read(std::span<char> into) override;
  bool write(std::string_view plain) override;
  void shut_down() override;
  bool handshaking() const override { return SSL_is_init_finished(ssl_.get()) == 0; }
  std::string_view backlog() const override {
    return std::string_view(backlog_).substr(backlog_sent_);
  }
  void consume_backlog(std::size_t count) override;

  // For the BIO.
  int take(char* out, int size);
  int put(const char* data, int size);

 private:
  std::unique_ptr<SSL, ssl_free> ssl_;
  std::span<const char> in_;
  std::string backlog_;
  std::size_t backlog_sent_ = 0;
  bool broken_ = false;
};

filter& filter_of(BIO* bio) {
  return *static_cast<filter*>(BIO_get_data(bio));
}

int bio_read(BIO* bio, char* out, int size) {
  BIO_clear_retry_flags(bio);
  const int taken = filter_of(bio).take(out, size);
  if (taken > 0) return taken;
  BIO_set_retry_read(bio);
  return -1;
}

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  return filter_of(bio).put(data, size);
}

long bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* bio_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gossamer");
    GOSSAMER_CHECK(made != nullptr);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

filter::filter(SSL_CTX* context) : ssl_(SSL_new(context)) {
  GOSSAMER_CHECK(ssl_ != nullptr);
  BIO* bio = BIO_new(bio_method());
  GOSSAMER_CHECK(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

tls_filter::read_result filter::read(std::span<char> into) {
  if (broken_) return {0, outcome::failed};
  ERR_clear_error();
  const int size = SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size()));
  if (size > 0) return {static_cast<std::size_t>(size), outcome::data};
  switch (SSL_get_error(ssl_.get(), size)) {
    case SSL_ERROR_WANT_READ: return {0, outcome::more};
    case SSL_ERROR_ZERO_RETURN: return {0, outcome::closed};
    default: break;
  }
  broken_ = true;
  ERR_clear_error();
  return {0, outcome::failed};
}

bool filter::write(std::string_view plain) {
  if (broken_) return false;
  ERR_clear_error();
  const int taken = SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size()));
  broken_ = taken != static_cast<int>(plain.size());
  return !broken_;
}

void filter::shut_down() {
  if (broken_) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

void filter::consume_backlog(std::size_t count) {
  backlog_sent_ += count;
  if (backlog_sent_ < backlog_.size()) return;
  backlog_ = {};
  backlog_sent_ = 0;
}

int filter::take(char* out, int size) {
  const auto count = std::min(in_.size(), static_cast<std::size_t>(size));
  if (count != 0) std::memcpy(out, in_.data(), count);
  in_ = in_.subspan(count);
  return static_cast<int>(count);
}

int filter::put(const char* data, int size) {
  backlog_.append(data, static_cast<std::size_t>(size));
  return size;
}

// Chooses the certificate that covers the server name (RFC 6066, 3; wildcards as OpenSSL's).
int choose_certificate(SSL* ssl, int*, void* contexts) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  for (const auto& each : *static_cast<const std::vector<context_ptr>*>(contexts)) {
    X509* certificate = SSL_CTX_get0_certificate(each.get());
    if (X509_check_host(certificate, name, std::strlen(name), 0, nullptr) != 1) continue;
    SSL_set_SSL_CTX(ssl, each.get());
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301, 3.2: no_application_protocol
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

class context final : public tls_context {
 public:
  explicit context(std::vector<context_ptr> contexts) : contexts_(std::move(contexts)) {
    for (auto& each : contexts_) {
      SSL_CTX_set_tlsext_servername_callback(each.get(), choose_certificate);
      SSL_CTX_set_tlsext_servername_arg(each.get(), &contexts_);
    }
  }
  std::unique_ptr<tls_filter> accept() override {
    return std::make_unique<filter>(contexts_.front().get());
  }

 private:
  std::vector<context_ptr> contexts_;
};

std::string last_error_text() {
  char text[256] = {};
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  return text;
}

void set_up(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  // Tickets carry the state; a cache in memory would grow with the clients.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

// Empty on failure; `why` then says what is wrong.
context_ptr load(const tls_certificate& from, const std::string& ciphers, std::string& why) {
  ERR_clear_error();
  context_ptr made(SSL_CTX_new(TLS_server_method()));
  GOSSAMER_CHECK(made != nullptr);
  set_up(made.get());
  if (!ciphers.empty() && SSL_CTX_set_cipher_list(made.get(), ciphers.c_str()) != 1) {
    why = "ciphers: " + last_error_text();
  } else if (SSL_CTX_use_certificate_chain_file(made.get(), from.chain_file.c_str()) != 1) {
    why = from.chain_file + ": " + last_error_text();
  } else if (SSL_CTX_use_PrivateKey_file(made.get(), from.key_file.c_str(), SSL_FILETYPE_PEM) !=
                 1 ||
             SSL_CTX_check_private_key(made.get()) != 1) {
    why = from.key_file + ": " + last_error_text();
  } else {
    return made;
  }
  ERR_clear_error();
  return nullptr;
}

}  // namespace

result<std::shared_ptr<tls_context>> make_tls_context(const tls_options& options,
                                                      std::string* detail) {
  std::vector<context_ptr> contexts;
  std::string why = "no certificate given";
  for (const auto& each : options.certificates) {
    contexts.push_back(load(each, options.ciphers, why));
    if (contexts.back() == nullptr) break;
  }
  if (contexts.empty() || contexts.back() == nullptr) {
    if (detail != nullptr) *detail = why;
    return errc::bad_certificate;
  }
  return std::shared_ptr<tls_context>(std::make_shared<context>(std::move(contexts)));
}

}  // namespace gossamer::http
