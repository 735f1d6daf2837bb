// The one file that sees Beast: a complete request head to a `request`.
#include "gateway/http/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/optional.hpp>

#include <algorithm>
#include <cstdint>

namespace gossamer::http {
namespace {

namespace beast = boost::beast;
namespace bh = boost::beast::http;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

// Keeps the fields; bodies are not its business.
class head_parser final : public bh::basic_parser<true> {
 public:
  head_parser(request& out, std::size_t fields_max) : out_(out), fields_left_(fields_max) {}
  [[nodiscard]] bool too_many_fields() const { return too_many_; }

 private:
  void on_request_impl(bh::verb, beast::string_view method, beast::string_view target, int version,
                       beast::error_code& ec) override {
    ec = {};
    out_.method = method_from(view(method));
    out_.target.assign(target.data(), target.size());
    out_.http_1_0 = version < 11;
  }
  void on_field_impl(bh::field, beast::string_view name, beast::string_view value,
                     beast::error_code& ec) override {
    ec = {};
    if (fields_left_ == 0) {
      too_many_ = true;
      ec = bh::error::header_limit;
      return;
    }
    --fields_left_;
    out_.headers.add(view(name), view(value));
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_header_impl(beast::error_code& ec) override { ec = {}; }
  void on_body_init_impl(boost::optional<std::uint64_t> const&, beast::error_code& ec) override {
    ec = {};
  }
  std::size_t on_body_impl(beast::string_view body, beast::error_code& ec) override {
    ec = {};
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code& ec) override {
    ec = {};
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body,
                                 beast::error_code& ec) override {
    ec = {};
    return body.size();
  }
  void on_finish_impl(beast::error_code& ec) override { ec = {}; }

  request& out_;
  std::size_t fields_left_;
  bool too_many_ = false;
};

// Beast says bad_version also where a second space stands before a version that is good.
bool has_space_before_version(std::string_view head) {
  return head.substr(0, head.find('\r')).find("  HTTP/") != std::string_view::npos;
}

refusal refusal_of(const beast::error_code& ec, std::string_view head) {
  if (ec == bh::error::bad_version) {
    return has_space_before_version(head) ? refusal::malformed : refusal::bad_version;
  }
  if (ec == bh::error::bad_content_length || ec == bh::error::multiple_content_length ||
      ec == bh::error::bad_transfer_encoding) {
    return refusal::bad_framing;
  }
  if (ec == bh::error::header_limit) return refusal::head_too_large;
  return refusal::malformed;
}

// Beast accepts lists of equal lengths and ignores codings it does not know; two servers in a row
// might then see two different requests.
std::optional<refusal> check_framing(const request& head) {
  const auto lengths = head.headers.count("Content-Length");
  const auto codings = head.headers.count("Transfer-Encoding");
  if (lengths > 1 || (lengths != 0 && codings != 0)) return refusal::bad_framing;
  if (lengths == 1 && head.headers.find("Content-Length")->find(',') != std::string_view::npos) {
    return refusal::bad_framing;
  }
  if (codings == 0) return std::nullopt;
  if (head.http_1_0 || codings > 1) return refusal::bad_framing;
  if (!equal_ignoring_case(*head.headers.find("Transfer-Encoding"), "chunked")) {
    return refusal::transfer_coding;
  }
  return std::nullopt;
}

std::optional<refusal> check_fields(request& head) {
  const auto hosts = head.headers.count("Host");
  if (hosts > 1 || (hosts == 0 && !head.http_1_0)) return refusal::bad_host;
  const auto expected = head.headers.find("Expect");
  if (!expected || head.http_1_0) return std::nullopt;
  if (!equal_ignoring_case(*expected, "100-continue")) return refusal::bad_expectation;
  head.expects_continue = true;
  return std::nullopt;
}

}  // namespace

std::optional<refusal> parse_head(std::string_view head, std::size_t fields_max, request& out) {
  while (head.starts_with("\r\n")) head.remove_prefix(2);
  head_parser parser(out, fields_max);
  parser.header_limit(static_cast<std::uint32_t>(head.size() + 1));
  parser.body_limit(boost::none);
  parser.eager(false);
  out.headers.reserve(head.size());
  beast::error_code ec;
  parser.put(boost::asio::const_buffer(head.data(), head.size()), ec);
  if (parser.too_many_fields()) return refusal::too_many_fields;
  if (ec) return refusal_of(ec, head);
  if (!parser.is_header_done()) return refusal::malformed;
  if (const auto wrong = check_framing(out)) return wrong;
  if (const auto wrong = check_fields(out)) return wrong;
  out.headers.shrink();
  out.chunked = parser.chunked();
  if (!out.chunked) out.content_length = parser.content_length().value_or(0);
  out.keep_alive = parser.keep_alive();
  return std::nullopt;
}

}  // namespace gossamer::http
