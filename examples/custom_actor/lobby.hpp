// The words of the example: what is said in the lobby, and the two actors that are in it.
#pragma once

#include <boost/describe.hpp>
#include <caf/event_based_actor.hpp>

#include <gossamer/actors.hpp>
#include <gossamer/server.hpp>
#include <string>

namespace lobby {

/// Event `said`: one line, from a client (its socket's id) or from the bot.
struct line {
  std::string from;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(line, (), (from, text))

/// To the recorder: answer this ack with the lines so far.
struct history_wanted {
  gossamer::ack answer;
};

/// Answers lines that begin with "bot,".
caf::behavior bot(caf::event_based_actor* self, const caf::group& room);

/// Keeps the last lines, those of the bot too.
caf::behavior recorder(caf::event_based_actor* self, const caf::group& room);

}  // namespace lobby

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lobby::history_wanted)
