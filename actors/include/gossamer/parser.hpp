// How packets travel between a server and its clients: the contract of a parser, and the official
// one for msgpack.
//
//     gossamer::options how;
//     how.parser = gossamer::msgpack_parser();
//
// An application's own parser derives from `gossamer::parser`; docs/parsers.md builds one. What
// helps to write it:
//
//     from_json<T>, to_json            typed values from and to the payload's text
//     find_placeholders                where the binaries are in it
//     append_json_string, json_marks   writing the text
#pragma once

#include "actors/socketio/json_codec.hpp"    // IWYU pragma: export
#include "actors/socketio/json_marks.hpp"    // IWYU pragma: export
#include "actors/socketio/parser.hpp"        // IWYU pragma: export
#include "actors/socketio/placeholders.hpp"  // IWYU pragma: export
