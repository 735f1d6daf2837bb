#include "lobby.hpp"
#include <string_view>

namespace lobby {
namespace {

std::string answer_to(std::string_view asked) {
  if (asked == "hello") return "hello";
  constexpr std::string_view repeat = "repeat ";
  if (asked.starts_with(repeat)) return std::string(asked.substr(repeat.size()));
  return "I know 'hello' and 'repeat ...'";
}

}  // namespace

caf::behavior bot(caf::event_based_actor* self, const caf::group& room) {
  constexpr std::string_view name = "bot, ";
  self->join(room);
  return {[self, room, name](const gossamer::room_event& event) {
    const auto said = event.arguments.get<line>(0);
    if (event.name != "said" || !said || !said->text.starts_with(name)) return;
    const auto asked = std::string_view(said->text).substr(name.size());
    // To everybody in the room but the bot itself.
    self->send(room, gossamer::make_event("said", line{"bot", answer_to(asked)}));
  }};
}

}  // namespace lobby
