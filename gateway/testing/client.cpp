#include "gateway/testing/client_core.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace gossamer::testing {
namespace detail {
namespace {

boost::json::value parsed(std::string_view json) {
  boost::json::error_code failed;
  auto found = boost::json::parse(json, failed);
  return failed ? boost::json::value() : found;
}

std::string member(const boost::json::value& of, std::string_view name) {
  const auto* object = of.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains(name);
  const auto* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

}  // namespace

wire& client_core::connected_wire() const {
  const auto found = wire_.lock();
  if (found == nullptr || !connected) fail("the client is not connected to " + nsp_);
  return *found;
}

socketio::packet_address client_core::address() const {
  const auto found = wire_.lock();
  return {std::string_view(nsp_), found == nullptr ? nullptr : found->packets()};
}

void client_core::join() {
  auto payload = auth_;
  if (!pid_.empty()) {
    if (!payload.is_object()) payload = boost::json::object();
    payload.as_object()["pid"] = pid_;
    payload.as_object()["offset"] = offset_;
  }
  const auto json = payload.is_null() ? std::string() : boost::json::serialize(payload);
  wire_.lock()->send(socketio::encode_packet(socketio::packet_type::connect, address(), {}, json));
}

void client_core::on_packet(const socketio::packet& packet) {
  using socketio::packet_type;
  switch (packet.type) {
    case packet_type::connect: return on_connect(packet.payload);
    case packet_type::disconnect: return on_end("io server disconnect");
    case packet_type::event: return on_event(packet);
    case packet_type::connect_error: return on_refusal(packet.payload);
    case packet_type::ack: break;
  }
  const auto number = packet.id ? packet.id->exact() : std::nullopt;
  const auto found = number ? answers.find(*number) : answers.end();
  if (found == answers.end()) return;
  if (const auto waits = found->second.lock()) waits->arrived = packet.args.keep();
  answers.erase(found);
}

void client_core::on_connect(std::string_view payload) {
  const auto said = parsed(payload);
  const auto pid = member(said, "pid");
  recovered = !pid.empty() && pid == pid_;
  pid_ = pid;
  id = member(said, "sid");
  connected = true;
  refused.reset();
  disconnect_reason.reset();
}

void client_core::on_refusal(std::string_view payload) {
  const auto said = parsed(payload);
  const auto* object = said.if_object();
  const auto* data = object == nullptr ? nullptr : object->if_contains("data");
  refused = connect_refusal{member(said, "message"), data == nullptr ? nullptr : *data};
}

void client_core::on_event(const socketio::packet& packet) {
  event made;
  made.name = packet.name();
  made.arguments = packet.args.keep();
  made.id_ = packet.id;
  made.from_ = weak_from_this();
  if (!pid_.empty() && !made.arguments.empty()) {
    const auto last = made.arguments.at(made.arguments.size() - 1);
    if (last.is_string()) offset_ = std::string(last.as_string());
  }
  const auto handler = handlers.find(made.name);
  if (handler == handlers.end()) return events.push_back(std::move(made));
  const auto call = handler->second;  // it may change the handlers
  call(made);
}

void client_core::on_end(const std::string& reason) {
  if (!connected) {
    if (!refused && !disconnect_reason) refused = connect_refusal{reason, nullptr};
    return;
  }
  connected = false;
  answers.clear();
  disconnect_reason = reason;
}

socketio::packet_address address_of(const client_core& who) {
  return who.address();
}

std::uint64_t next_id(client_core& who) {
  return who.next_id++;
}

void send(client_core& who, const result<socketio::frame_set>& frames) {
  if (!frames) fail(frames.error().message());
  auto& wire = who.connected_wire();
  wire.send(*frames);
  wire.run();
}

std::shared_ptr<answer_state> expect_answer(client_core& who, std::uint64_t id,
                                            std::string_view name) {
  auto made = std::make_shared<answer_state>();
  made->asked = name;
  who.answers[id] = made;
  return made;
}

}  // namespace detail

// -- answers --------------------------------------------------------------------------------------

bool pending_answer::arrived() const {
  return state_->arrived.has_value();
}

args pending_answer::arguments() const {
  if (!arrived()) detail::fail("no answer to '" + state_->asked + "' has come");
  return *state_->arrived;
}

// -- a client -------------------------------------------------------------------------------------

bool client::connected() const {
  return core_->connected;
}

std::string client::id() const {
  if (core_->id.empty()) detail::fail("the client was never connected to " + core_->nsp());
  return core_->id;
}

std::optional<connect_refusal> client::refused() const {
  return core_->refused;
}

std::optional<std::string> client::disconnect_reason() const {
  return core_->disconnect_reason;
}

bool client::recovered() const {
  return core_->recovered;
}

void client::send_raw(std::string_view packet) {
  auto& wire = core_->connected_wire();
  wire.send_text("4" + std::string(packet));
  wire.run();
}

event client::expect(std::string_view name) {
  if (core_->events.empty()) {
    detail::fail("no event has come, '" + std::string(name) + "' was expected");
  }
  const auto& first = core_->events.front();
  if (first.name != name) {
    detail::fail("the next event is '" + first.name + "' [" + std::string(first.arguments.items()) +
                 "], '" + std::string(name) + "' was expected");
  }
  return *next();
}

std::optional<event> client::next() {
  if (core_->events.empty()) return std::nullopt;
  auto first = std::move(core_->events.front());
  core_->events.pop_front();
  return first;
}

std::size_t client::waiting() const {
  return core_->events.size();
}

void client::forget_events() {
  core_->events.clear();
}

void client::on(std::string name, std::function<void(const event&)> handler) {
  core_->handlers[std::move(name)] = std::move(handler);
}

void client::disconnect() {
  auto& wire = core_->connected_wire();
  core_->left = true;
  wire.send(socketio::encode_packet(socketio::packet_type::disconnect, core_->address(), {}, {}));
  core_->on_end("io client disconnect");
  wire.run();
}

void client::close() {
  const auto wire = core_->connection();
  if (wire == nullptr) return;
  wire->close(false, "io client disconnect");
  wire->run();
}

void client::drop() {
  const auto wire = core_->connection();
  if (wire == nullptr) return;
  wire->close(true, "transport close");
  wire->run();
}

void client::freeze() {
  if (const auto wire = core_->connection()) wire->set_frozen(true);
}

void client::thaw() {
  const auto wire = core_->connection();
  if (wire == nullptr) return;
  wire->set_frozen(false);
  wire->run();
}

void client::reconnect() {
  if (core_->connected) detail::fail("the client is connected");
  const auto before = core_->connection();
  if (before == nullptr) detail::fail("the server has ended");
  before->close(true, "transport close");
  const auto next = before->another();
  for (const auto& each : before->sockets()) {
    if (!each->left || each == core_) next->add(each);
  }
  core_->left = false;
  core_->refused.reset();
  next->open();
  next->run();
}

client client::join(std::string nsp, boost::json::value auth) {
  const auto wire = core_->connection();
  if (wire == nullptr || !wire->open_now()) detail::fail("the client is not connected");
  auto made = std::make_shared<detail::client_core>(std::move(nsp), std::move(auth));
  wire->add(made);
  wire->run();
  return client(std::move(made));
}

}  // namespace gossamer::testing
