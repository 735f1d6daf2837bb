// gossamer's decoder and Beast's server side by side, with the differences that are meant.
//
// Where they differ on purpose, gossamer follows RFC 6455 and its registry more closely, or has a
// limit that Beast lacks:
//
//   1. A close without a code is answered without a code (5.5.1: "echoes"); Beast says 1000.
//   2. Close code 1014 is registered today; Beast fails with 1002.
//   3. Close codes from 5000 are not defined; Beast takes them.
//   4. A close reason that is not UTF-8 gives 1007 (8.1); Beast says 1002.
//   5. A length over 63 bits gives 1002 (5.2); Beast says 1009.
//   6. A text whose last code point is cut by an empty final fragment gives 1007; Beast delivers
//      the broken text.
//   7. limits::websocket_fragments_max; Beast has none.
//   8. A header is refused at the byte that breaks the rule; Beast waits for the whole header,
//      which makes a difference when the stream ends there.
//   9. A message that is no deflate data, or is cut, gives 1007, as from the ws library; Beast
//      takes what it could inflate, or ends the connection without a word.
//  10. A deflated message may end with a last block (RFC 7692, 7.2.3.4); Beast fails on it.
//  11. A deflated message may lack the 0 of 7.2.3.4 or 7.2.3.6; Beast reads the tail as a stored
//      block of 65280 bytes.
//  12. Beast inflates frame by frame: that a message is too big, or not UTF-8, it sees before what
//      comes between its frames; here it is seen when the message is complete.
//  13. A frame that is too long for any deflated message is refused at its header; Beast reads it.
#pragma once

#include "tests/unit/websocket/beast_oracle.hpp"
#include "tests/unit/websocket/decoder_harness.hpp"

#include <string>
#include <string_view>

namespace gossamer::websocket {

/// What a server on our decoder does with the stream.
[[nodiscard]] outcome our_outcome(const std::vector<seen>& events);

/// Empty if both agree, up to the differences above; otherwise what each did.
[[nodiscard]] std::string disagreement(std::string_view stream, const decoder_setup& how,
                                       std::size_t beast_read_size);

}  // namespace gossamer::websocket
