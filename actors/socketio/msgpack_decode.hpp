// Decodes the messages of socket.io-msgpack-parser 3: a msgpack map `{type, data, nsp, id?}`.
//
// Pure. The payload becomes JSON text while it is read, no tree is built; msgpack-cxx finds the
// values, we say what they are, as notepack.io 2.2 does:
//
//     bin                      a binary (Buffer)
//     ext 0 (c7, c8, c9)       a binary (ArrayBuffer)
//     ext 0 (d4), ext 0 (d7)   undefined, a date (milliseconds after 1970)
//     any other ext            an array of its type, a number, and its bytes
//     keys of maps             text; numbers, null, booleans and bin as JavaScript spells them
//
// Integers keep all of their 64 bits. Departures from Node, all of them stricter: nesting and the
// number of binaries are bounded, keys that are maps, arrays or exts are refused, keys `__proto__`
// are left out wherever they are.
//
// Limits: limits::json_depth_max; msgpack_binaries_max. A length that claims more than what is
// left of the message is an error at once; nothing is ever allocated by a claim.
// Errors: errc::invalid_payload, unknown_packet_type.
#pragma once

#include "actors/socketio/parser.hpp"

#include <cstddef>
#include <string_view>

namespace gossamer::socketio {

inline constexpr std::size_t msgpack_binaries_max = 65'536;

[[nodiscard]] result<incoming_packet> decode_msgpack(std::string_view message);

}  // namespace gossamer::socketio
