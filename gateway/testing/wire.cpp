#include "gateway/testing/wire.hpp"

#include "gateway/engineio/errc.hpp"
#include "gateway/engineio/request.hpp"
#include "gateway/testing/client_core.hpp"
#include "gateway/testing/universe.hpp"
#include "gateway/transport/engine.hpp"
#include "gateway/transport/handshake.hpp"
#include "gateway/websocket/client_frames.hpp"

#include <limits>
#include <utility>

namespace gossamer::testing::detail {

// A handshake on its way through the checks of the engine, on the lane of the new session.
struct opening {
  std::shared_ptr<transport::engine> engine;
  std::shared_ptr<memory_link> link;
  std::shared_ptr<wire> client;
  engineio::request asked;
  std::shared_ptr<const handshake_info> info;

  static http::request head_of(const transport::engine& engine, const connect_options& how) {
    http::request head;
    head.method = http::method::get;
    head.target = engine.path() + "?EIO=4&transport=websocket" + how.query;
    head.headers.add("Host", "test");
    for (const auto& [name, value] : how.headers) head.headers.add(name, value);
    return head;
  }
  static void begin(const std::shared_ptr<opening>& self, const connect_options& how,
                    std::int64_t now_ms) {
    const auto head = head_of(*self->engine, how);
    const auto& settings = self->engine->options();
    self->asked = engineio::parse_request(engineio::http_method::get,
                                          engineio::request_form::upgrade, head.target);
    self->info = transport::make_handshake(head, now_ms);
    const auto origin = head.header("origin").value_or(std::string_view());
    if (engineio::refuses(settings, self->asked, origin)) return self->refuse("Bad request");
    if (!settings.allow_request) return self->allow();
    settings.allow_request(self->info, [self](bool allowed, const std::string& why) {
      (void)self->link->home().post([self, allowed, why] {
        if (allowed) return self->allow();
        self->refuse(why.empty() ? "Forbidden" : why);
      });
    });
  }
  void allow() const {
    auto& home = link->home();
    const auto id = engine->new_id(home, *info);
    if (!id) return refuse("Bad request");
    engine->sessions_of(home).open_websocket(*id, info, *link, {.asked = asked});
  }
  void refuse(std::string_view why) const {
    client->close_reason_ = why;
    link->abort();
  }
};

wire::wire(const std::shared_ptr<universe>& in, destination to, connect_options how)
    : universe_(in), to_(std::move(to)), how_(std::move(how)) {}

void wire::open() {
  if (to_.inside.engine == nullptr) fail("the server has stopped");
  auto& lanes = *to_.inside.lanes;
  if (how_.lane && *how_.lane >= lanes.size()) {
    fail("the server has no lane " + std::to_string(*how_.lane));
  }
  auto slot = how_.lane ? connection_slot(lanes.at(*how_.lane)) : lanes.place_connection();
  link_ = std::make_shared<memory_link>(std::move(slot),
                                        to_.inside.engine->options().max_http_buffer_size);
  const auto begun = std::make_shared<opening>();
  begun->engine = to_.inside.engine->shared_from_this();
  begun->link = link_;
  begun->client = shared_from_this();
  const auto since_start = universe_.lock()->now() - manual_clock().now();
  const auto now_ms =
      1'700'000'000'000 + std::chrono::duration_cast<milliseconds>(since_start).count();
  (void)link_->home().post([begun, how = how_, now_ms] { opening::begin(begun, how, now_ms); });
}

void wire::add(const std::shared_ptr<client_core>& who) {
  cores_.push_back(who);
  who->put_on(shared_from_this());
  if (open_now()) who->join();
}

void wire::run() {
  if (const auto in = universe_.lock()) in->run();
}

std::shared_ptr<wire> wire::another() const {
  const auto in = universe_.lock();
  if (in == nullptr) fail("the server has stopped");
  auto made = std::make_shared<wire>(in, to_, how_);
  in->add(made);
  return made;
}

// -- to the server --------------------------------------------------------------------------------

void wire::send_frame(websocket::opcode code, std::string_view payload) {
  auto data = websocket::encode({.code = code, .payload = payload});
  (void)link_->home().post(
      [link = link_, data = std::move(data)]() mutable { link->receive(std::move(data)); });
}

void wire::send_text(std::string_view message) {
  send_frame(websocket::opcode::text, message);
}

void wire::send(const socketio::frame_set& frames) {
  for (const auto& frame : frames.frames()) {
    const bool text = frame.kind() == frame_kind::text;
    send_frame(text ? websocket::opcode::text : websocket::opcode::binary, frame.payload());
  }
}

void wire::close(bool breaks, std::string_view reason) {
  if (closed_) return;
  close_reason_ = reason;
  if (breaks) {
    (void)link_->home().post([link = link_] { link->break_off(); });
  } else {
    send_frame(websocket::opcode::close, websocket::close_payload(1000));
  }
  closed_ = true;
  on_closed();
}

void wire::set_frozen(bool on) {
  frozen_ = on;
  if (!closed_) link_->set_taking(!on);
}

// -- from the server ------------------------------------------------------------------------------

bool wire::work() {
  if (frozen_ || closed_ || link_ == nullptr) return false;
  const auto frames = link_->taken();
  for (const auto& frame : frames) {
    if (!closed_) on_frame(frame);
  }
  if (closed_ || !link_->ended()) return !frames.empty();
  closed_ = true;
  on_closed();
  return true;
}

void wire::on_closed() {
  for (const auto& each : std::vector(cores_)) each->on_end(close_reason_);
}

void wire::on_frame(const shared_frame& frame) {
  switch (frame.kind()) {
    case frame_kind::text: return on_text(frame.payload());
    case frame_kind::binary: {
      bytes content(frame.payload());
      if (to_.packets == nullptr) return on_packet(decoder_.on_binary(std::move(content)));
      return on_packet(socketio::decode_binary(*to_.packets, content, memory_));
    }
    case frame_kind::raw: return;  // the 101, and the close frame before the end
  }
}

// An Engine.IO packet.
void wire::on_text(std::string_view message) {
  const auto rest = message.substr(1);
  switch (message.front()) {
    case '0':
      opened_ = true;
      for (const auto& each : std::vector(cores_)) each->join();
      return;
    case '2':
      if (how_.answers_pings) send_text("3");
      return;
    case '4':
      if (to_.packets == nullptr) return on_packet(decoder_.on_text(rest, decoding()));
      return on_packet(socketio::decode_text(*to_.packets, rest, memory_));
    default: return;
  }
}

socketio::decoder_options wire::decoding() const {
  socketio::decoder_options how;
  how.attachments_max = std::numeric_limits<std::size_t>::max();  // the server may send as it likes
  return how;
}

void wire::on_packet(result<std::optional<socketio::packet>> packet) {
  if (!packet) fail("the server sent what does not decode: " + packet.error().message());
  if (!*packet) return;  // attachments follow
  for (const auto& each : std::vector(cores_)) {
    if (each->nsp() == (*packet)->nsp) each->on_packet(**packet);
  }
}

}  // namespace gossamer::testing::detail
