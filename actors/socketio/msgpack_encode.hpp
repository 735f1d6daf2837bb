// Encodes packets as socket.io-msgpack-parser 3 does: a msgpack map, byte for byte that of
// notepack.io 2.2.
//
// Pure. Numbers: integers in the shortest form (those of JavaScript, 1.0 is one), all else
// float 64. Binaries are bin, marked ones ArrayBuffers (ext 0); marked text is a date or undefined
// (json_marks.hpp). Text that is no UTF-8 gets U+FFFD.
//
// Departures from Node: integers keep all of their 64 bits, and those beyond are float 64, where
// notepack.io writes their last 64 bits.
#pragma once

#include "actors/socketio/parser.hpp"

#include <string>

namespace gossamer::socketio {

/// Appends the message.
void encode_msgpack(const outgoing_packet& packet, std::string& out);

}  // namespace gossamer::socketio
