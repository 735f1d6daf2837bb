#include "lobby.hpp"
#include <deque>
#include <memory>
#include <vector>

namespace lobby {
namespace {

constexpr std::size_t lines_max = 100;

}  // namespace

caf::behavior recorder(caf::event_based_actor* self, const caf::group& room) {
  const auto lines = std::make_shared<std::deque<line>>();  // only this actor sees it: no lock
  self->join(room);
  return {
      [lines](const gossamer::room_event& event) {
        auto said = event.arguments.get<line>(0);
        if (event.name != "said" || !said) return;
        lines->push_back(std::move(*said));
        if (lines->size() > lines_max) lines->pop_front();
      },
      [lines](const history_wanted& wanted) {
        wanted.answer(std::vector<line>(lines->begin(), lines->end()));
      },
  };
}

}  // namespace lobby
