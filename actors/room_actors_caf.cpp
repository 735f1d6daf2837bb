// Who is in: the guest lists on the rooms' home lanes.
#include "actors/room_actors_caf.hpp"

#include "actors/include/gossamer/actors.hpp"
#include "runtime/lanes/lane_caf.hpp"

#include <caf/actor.hpp>
#include <caf/attachable.hpp>
#include <caf/exit_reason.hpp>
#include <caf/make_message.hpp>
#include <caf/send.hpp>

#include <utility>
#include <vector>

namespace gossamer::detail {
namespace {

constexpr std::size_t delivery_cost = 192;
constexpr std::size_t watch_type = 0x676f7373;  // not one of CAF's

class actor_list final : public rooms::guest_list {
 public:
  explicit actor_list(rooms::room_ptr in) : room(std::move(in)) {}
  [[nodiscard]] bool has(const void* who) const override { return members.contains(who); }

  const rooms::room_ptr room;  // kept alive by its guests
  std::unordered_map<const void*, caf::strong_actor_ptr> members;
};

// Attached to an actor for as long as it is a member of the room.
class death_watch final : public caf::attachable {
 public:
  death_watch(std::weak_ptr<room_actors> side, const nsp_ref& nsp, const rooms::room& room,
              const void* who)
      : side_(std::move(side)), nsp_(nsp), name_(room.name()), key_(&room), who_(who) {}

  void actor_exited(const caf::error&, caf::execution_unit*) override {
    if (const auto side = side_.lock()) side->ended(nsp_, name_, who_);
  }
  bool matches(const token& what) override {
    return what.subtype == watch_type && what.ptr == key_;
  }

 private:
  const std::weak_ptr<room_actors> side_;
  const nsp_ref nsp_;
  const std::string name_;
  const void* key_;
  const void* who_;
};

void unwatch(const caf::strong_actor_ptr& who, const rooms::room& room) {
  (void)who->get()->detach(caf::attachable::token(watch_type, &room));
}

}  // namespace

// An actor on its way into a room. Its promise becomes its interest, or is given back.
struct room_actors::joining {
  nsp_core& nsp;
  rooms::room_ptr room;
  caf::strong_actor_ptr who;
  bool joined = false;

  joining(nsp_core& in, rooms::room_ptr to, caf::strong_actor_ptr actor)
      : nsp(in), room(std::move(to)), who(std::move(actor)) {
    room->promise(room->home());
  }
  joining(const joining&) = delete;
  joining& operator=(const joining&) = delete;
  ~joining() {
    if (!joined) room->withdraw(room->home());
  }
};

bool room_actors::join(const room_group& to, caf::strong_actor_ptr who) {
  const std::shared_lock lock(mutex_);
  if (server_ == nullptr || who == nullptr) return false;
  auto one = std::make_shared<joining>(*to.nsp_, to.room_, std::move(who));
  auto& home = server_->lanes().at(to.room_->home());
  return home.post([self = shared_from_this(), one = std::move(one)] { self->add(*one); },
                   delivery_cost) == post_result::accepted;
}

bool room_actors::leave(const room_group& from, const void* who) {
  const std::shared_lock lock(mutex_);
  if (server_ == nullptr) return false;
  auto& home = server_->lanes().at(from.room_->home());
  return home.post([room = from.room_, who] { remove(*room, who); }, delivery_cost) ==
         post_result::accepted;
}

void room_actors::ended(const nsp_ref& nsp, const std::string& room, const void* who) {
  const nsp_use in(nsp);  // before the mutex, as everywhere
  const std::shared_lock lock(mutex_);
  if (!in || server_ == nullptr) return;
  if (auto found = nsp.core->rooms().find(room)) {
    auto& home = server_->lanes().at(found->home());
    (void)home.post([found = std::move(found), who] { remove(*found, who); }, delivery_cost);
  }
}

void room_actors::add(joining& one) {
  {
    const std::shared_lock lock(mutex_);
    if (server_ == nullptr) return;
  }
  const void* key = one.who.get();
  if (one.room->guests() != nullptr && one.room->guests()->has(key)) return;
  auto made = std::make_unique<actor_list>(one.room);
  one.room->change_guests([&](std::unique_ptr<rooms::guest_list>& guests) {
    if (guests == nullptr) guests = std::move(made);
    static_cast<actor_list&>(*guests).members.emplace(key, one.who);
  });
  one.joined = true;
  // An actor that has ended already calls back at once.
  one.who->get()->attach(
      std::make_unique<death_watch>(weak_from_this(), one.nsp.ref(), *one.room, key));
}

void room_actors::remove(rooms::room& from, const void* who) {
  caf::strong_actor_ptr left;  // let go of after the lock
  std::unique_ptr<rooms::guest_list> emptied;
  from.change_guests([&](std::unique_ptr<rooms::guest_list>& guests) {
    if (guests == nullptr) return;
    auto& list = static_cast<actor_list&>(*guests);
    const auto found = list.members.find(who);
    if (found == list.members.end()) return;
    left = std::move(found->second);
    list.members.erase(found);
    if (list.members.empty()) emptied = std::move(guests);
  });
  if (left == nullptr) return;
  from.withdraw(from.home());
  unwatch(left, from);
}

void room_actors::remove_all(rooms::room& from) {
  std::unique_ptr<rooms::guest_list> left;
  from.change_guests([&](std::unique_ptr<rooms::guest_list>& guests) { left = std::move(guests); });
  if (left == nullptr) return;
  for (const auto& [key, who] : static_cast<actor_list&>(*left).members) {
    from.withdraw(from.home());
    unwatch(who, from);
    caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  }
}

void room_actors::close(server_core& server) {
  std::vector<rooms::room_ptr> released;
  {
    const std::unique_lock lock(mutex_);
    if (std::exchange(server_, nullptr) == nullptr) return;
    for (const auto& [key, group] : groups_) {
      released.push_back(std::exchange(group->room_, {}));
    }
    groups_.clear();
  }
  // An actor that joined before this is in its room's list when these deliveries come.
  for (auto* nsp : server.namespaces()) {
    for (auto& room : nsp->rooms().all()) {
      auto& home = server.lanes().at(room->home());
      (void)home.post([room = std::move(room)] { remove_all(*room); });
    }
  }
}

void hand_to_actors(const rooms::room& to, const room_news& news,
                    const std::vector<rooms::room_ptr>& except, const void* sender) {
  const auto& list = static_cast<const actor_list&>(*to.guests());
  const auto event = caf::make_message(
      room_event{news.nsp, std::string(to.name()), news.name, news.arguments, news.from});
  for (const auto& [key, who] : list.members) {
    if (key == sender) continue;
    bool left_out = false;
    for (const auto& room : except) left_out = left_out || room->has_guest(key);
    if (!left_out) who->get()->enqueue(nullptr, caf::make_message_id(), event, nullptr);
  }
}

}  // namespace gossamer::detail
