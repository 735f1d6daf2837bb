// The fields of each message in the order of the wire, once for writing and reading.
//
// Only codec.cpp includes this. `Io` is a field_writer or a field_reader; both stop at the first
// field that breaks its bound. `since(n)` opens the fields that version n appended.
#pragma once

#include "runtime/cluster/bounds.hpp"
#include "runtime/cluster/message.hpp"

namespace gossamer::cluster {

/// What Io reads into or writes from.
template <class Io, class Message>
using of = typename Io::template argument<Message>;

template <class Io>
void io_rooms(Io& io, of<Io, std::vector<std::string>> names) {
  io.list(names, bounds::rooms_max, 4, [&](auto& name) { io.text(name, bounds::room_bytes_max); });
}

template <class Io>
void io_attachments(Io& io, of<Io, std::vector<bytes>> all) {
  io.list(all, bounds::attachments_max, 4,
          [&](auto& one) { io.blob(one, bounds::message_bytes_max); });
}

template <class Io>
void io_selection(Io& io, of<Io, selection> s) {
  io_rooms(io, s.rooms);
  io_rooms(io, s.except);
}

template <class Io>
void io_image(Io& io, of<Io, event_image> image) {
  io.text(image.nsp, bounds::name_bytes_max);
  io.flag(image.is_volatile);
  io.flag(image.compress);
  io.blob(image.json, bounds::message_bytes_max);
  io_attachments(io, image.attachments);
}

template <class Io>
void fields(Io& io, of<Io, broadcast> m) {
  io_image(io, m.image);
  io_selection(io, m.to);
  if (io.since(2)) io.text(m.from, bounds::name_bytes_max);
}

template <class Io>
void fields(Io& io, of<Io, broadcast_ack> m) {
  io.number(m.request);
  io.time(m.timeout);
  io_image(io, m.image);
  io_selection(io, m.to);
  if (io.since(2)) io.text(m.from, bounds::name_bytes_max);
}

template <class Io>
void fields(Io& io, of<Io, ack_expect> m) {
  io.number(m.request);
  io.number(m.count);
}

template <class Io>
void fields(Io& io, of<Io, ack_answer> m) {
  io.number(m.request);
  io.id(m.socket);
  io.blob(m.json, bounds::message_bytes_max);
  io_attachments(io, m.attachments);
}

template <class Io>
void fields(Io& io, of<Io, ack_left> m) {
  io.number(m.request);
  io.id(m.socket);
}

template <class Io>
void fields(Io& io, of<Io, sockets_join> m) {
  io.text(m.nsp, bounds::name_bytes_max);
  io_selection(io, m.which);
  io_rooms(io, m.rooms);
}

template <class Io>
void fields(Io& io, of<Io, sockets_leave> m) {
  io.text(m.nsp, bounds::name_bytes_max);
  io_selection(io, m.which);
  io_rooms(io, m.rooms);
}

template <class Io>
void fields(Io& io, of<Io, sockets_disconnect> m) {
  io.text(m.nsp, bounds::name_bytes_max);
  io_selection(io, m.which);
  io.flag(m.close);
}

template <class Io>
void fields(Io& io, of<Io, fetch_sockets> m) {
  io.number(m.request);
  io.text(m.nsp, bounds::name_bytes_max);
  io_selection(io, m.which);
}

template <class Io>
void io_found(Io& io, of<Io, found_socket> s) {
  io.id(s.id);
  io_rooms(io, s.rooms);
  io.blob(s.data_json, bounds::message_bytes_max);
  io.blob(s.handshake_json, bounds::message_bytes_max);
}

template <class Io>
void fields(Io& io, of<Io, sockets_found> m) {
  io.number(m.request);
  io.number(m.part, bounds::parts_max);
  io.flag(m.last);
  io.list(m.sockets, bounds::found_sockets_max, 32, [&](auto& one) { io_found(io, one); });
}

template <class Io>
void fields(Io& io, of<Io, server_emit> m) {
  io_image(io, m.image);
}

template <class Io>
void fields(Io& io, of<Io, server_emit_ack> m) {
  io.number(m.request);
  io.time(m.timeout);
  io_image(io, m.image);
}

template <class Io>
void fields(Io& io, of<Io, server_answer> m) {
  io.number(m.request);
  io.blob(m.json, bounds::message_bytes_max);
  io_attachments(io, m.attachments);
}

template <class Io>
void fields(Io& io, of<Io, count_sockets> m) {
  io.number(m.request);
  io.text(m.nsp, bounds::name_bytes_max);
  io_selection(io, m.which);
}

template <class Io>
void fields(Io& io, of<Io, socket_count> m) {
  io.number(m.request);
  io.number(m.count);
}

template <class Io>
void fields(Io& io, of<Io, refused> m) {
  io.number(m.request);
  io.text(m.reason, bounds::name_bytes_max);
}

template <class Io>
void fields(Io& io, of<Io, forward_open> m) {
  io.number(m.stream);
  io.id(m.session);
  io.text(m.remote_address, bounds::name_bytes_max);
  io.blob(m.head, bounds::message_bytes_max);
  io.blob(m.body, bounds::message_bytes_max);
}

template <class Io>
void fields(Io& io, of<Io, forward_answer> m) {
  io.number(m.stream);
  io.number(m.status);
  io.blob(m.head, bounds::message_bytes_max);
  io.blob(m.body, bounds::message_bytes_max);
}

template <class Io>
void fields(Io& io, of<Io, forward_data> m) {
  io.number(m.stream);
  io.flag(m.binary);
  io.blob(m.payload, bounds::message_bytes_max);
}

template <class Io>
void fields(Io& io, of<Io, forward_credit> m) {
  io.number(m.stream);
  io.number(m.total_bytes);
}

template <class Io>
void fields(Io& io, of<Io, forward_close> m) {
  io.number(m.stream);
  io.number(m.code);
}

template <class Io>
void fields(Io& io, of<Io, carried> m) {
  io.number(m.whose);
  io.blob(m.payload, bounds::message_bytes_max);
}

template <class Io>
void fields(Io& io, of<Io, credit> m) {
  io.number(m.session);
  io.number(m.position);
  io.number(m.lost);
}

template <class Io>
void fields(Io& io, of<Io, credit_query> m) {
  io.number(m.session);
  io.number(m.position);
}

}  // namespace gossamer::cluster
