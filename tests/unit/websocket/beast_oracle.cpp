#include "tests/unit/websocket/beast_oracle.hpp"

#include "gateway/websocket/client_frames.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace gossamer::websocket {
namespace {

namespace beast = boost::beast;
namespace net = boost::asio;
using test_stream = beast::test::stream;
using server_stream = beast::websocket::stream<test_stream, true>;

// As gossamer: no context is ever kept.
beast::websocket::permessage_deflate deflate_as_ours() {
  beast::websocket::permessage_deflate how;
  how.server_enable = true;
  how.server_no_context_takeover = true;
  how.client_no_context_takeover = true;
  return how;
}

boost::core::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

beast::http::request<beast::http::empty_body> upgrade_of(std::string_view key,
                                                         std::string_view version,
                                                         std::string_view connection,
                                                         std::string_view upgrade) {
  using beast::http::field;
  beast::http::request<beast::http::empty_body> request{beast::http::verb::get, "/", 11};
  request.set(field::host, "localhost");
  request.set(field::connection, view(connection));
  request.set(field::upgrade, view(upgrade));
  request.set(field::sec_websocket_key, view(key));
  request.set(field::sec_websocket_version, view(version));
  return request;
}

void read_replies(std::string_view sent, outcome& out) {
  while (const auto frame = take_server_frame(sent)) {
    if (frame->code == opcode::pong) out.pongs.emplace_back(frame->payload);
    if (frame->code == opcode::close && frame->payload.size() >= 2) {
      const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(frame->payload[i]); };
      out.sent = static_cast<close_code>(byte(0) << 8U | byte(1));
    }
  }
}

}  // namespace

outcome beast_outcome(std::string_view stream, const decoder_setup& how, std::size_t read_size) {
  net::io_context context;
  server_stream server(context);
  auto client = beast::test::connect(server.next_layer());
  auto request = upgrade_of("dGhlIHNhbXBsZSBub25jZQ==", "13", "upgrade", "websocket");
  if (how.deflate) {
    server.set_option(deflate_as_ours());
    request.set(beast::http::field::sec_websocket_extensions, "permessage-deflate");
  }
  server.accept(request);
  client.clear();
  server.read_message_max(how.message_max);
  server.next_layer().read_size(read_size);
  server.next_layer().append(view(stream));
  server.next_layer().close_remote();

  outcome out;
  boost::system::error_code error;
  while (true) {
    beast::flat_buffer buffer(std::size_t{roomy} *
                              4);  // else Beast reserves what a header announces
    server.read(buffer, error);
    if (error) break;
    const auto data = buffer.cdata();
    out.messages.push_back(
        {server.got_text(), std::string(static_cast<const char*>(data.data()), data.size())});
  }
  const bool ran_dry = error == net::error::eof;
  out.end = ran_dry                                    ? ending::open
            : error == beast::websocket::error::closed ? ending::closed
                                                       : ending::failed;
  const auto sent = client.str();
  read_replies({sent.data(), sent.size()}, out);
  return out;
}

std::string beast_accept_deflate(std::string_view offers) {
  net::io_context context;
  server_stream server(context);
  server.set_option(deflate_as_ours());
  auto client = beast::test::connect(server.next_layer());
  auto request = upgrade_of("dGhlIHNhbXBsZSBub25jZQ==", "13", "upgrade", "websocket");
  request.set(beast::http::field::sec_websocket_extensions, view(offers));
  server.accept(request);
  const auto sent = client.str();
  const std::string_view head(sent.data(), sent.size());
  constexpr std::string_view name = "Sec-WebSocket-Extensions: ";
  const auto at = head.find(name);
  if (at == std::string_view::npos) return {};
  return std::string(head.substr(at + name.size(), head.find("\r\n", at) - at - name.size()));
}

std::string beast_accept(std::string_view key, std::string_view version,
                         std::string_view connection, std::string_view upgrade) {
  net::io_context context;
  server_stream server(context);
  auto client = beast::test::connect(server.next_layer());
  boost::system::error_code error;
  server.accept(upgrade_of(key, version, connection, upgrade), error);
  const auto sent = client.str();
  return {sent.data(), sent.size()};
}

}  // namespace gossamer::websocket
