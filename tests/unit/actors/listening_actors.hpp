// Actors for tests of rooms and socket actors: they write down what they hear and do what they are
// told.
#pragma once

#include "actors/include/gossamer/actors.hpp"
#include "runtime/lanes/scheduler_caf.hpp"
#include "tests/unit/actors/fake_clients.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace gossamer::test {

inline constexpr std::chrono::seconds patience{30};

/// What an actor has heard. Outlives it.
class heard {
 public:
  void add(const room_event& event) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(event.nsp + " " + event.room + " " + event.name + " " +
                     std::string(event.arguments.items()) + " from=" + event.from);
    changed_.notify_all();
  }
  [[nodiscard]] bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return lines_.size() >= count; });
  }
  [[nodiscard]] std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// Told "join", "leave", "speak" or "quit" it does so with `room` and answers 0.
inline caf::behavior listen(caf::event_based_actor* self, heard* into, const caf::group& room) {
  return {
      [into](const room_event& event) { into->add(event); },
      [self, room](const std::string& what) {
        if (what == "join") self->join(room);
        if (what == "leave") self->leave(room);
        if (what == "speak") self->send(room, emit_event{"spoken", args("1", 1)});
        if (what == "quit") self->quit();
        return 0;
      },
  };
}

template <caf::spawn_options Options = caf::no_spawn_options>
caf::actor spawn_listener(world& w, heard& into, const caf::group& room) {
  return w.system().spawn<Options>([](caf::event_based_actor* self, heard* to,
                                      const caf::group& in) { return listen(self, to, in); },
                                   &into, room);
}

/// The answer of an actor to one message, -1 if there is none.
template <class T>
int asked(world& w, const caf::actor& whom, const T& what) {
  caf::scoped_actor self{w.system()};
  int answer = -1;
  self->request(whom, patience, what)
      .receive([&](int got) { answer = got; }, [](const caf::error&) {});
  return answer;
}

template <class Condition>
bool eventually(world& w, Condition&& holds) {
  const auto end = clock::now() + patience;
  while (!holds()) {
    if (clock::now() > end) return false;
    w.settle();
  }
  return true;
}

inline std::uint64_t unknown_messages(world& w) {
  return lane_scheduler::of(w.system())->census().unknown_messages.load();
}

}  // namespace gossamer::test
