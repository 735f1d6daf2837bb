// The chat of PROTOCOL.md on a Socket.IO server.
//
//     gossamer::server io;
//     chat::chat_app chat(io);
//
// Handlers of different sockets run in parallel. What belongs to one socket (its name, its rooms,
// who sees it type) is kept with the socket and needs no lock; what all share is in a guarded hall.
// Events are sent outside the lock, since sending may end a slow client, whose `disconnect` handler
// wants the lock too. A socket joins its room inside: from the history in the answer on, it misses
// nothing.
//
// Any thread. Must not be destroyed before the server has stopped.
#pragma once

#include "hall.hpp"
#include "words.hpp"
#include <gossamer/server.hpp>
#include <string>

namespace chat {

class chat_app {
 public:
  explicit chat_app(gossamer::server& io);
  chat_app(const chat_app&) = delete;
  chat_app& operator=(const chat_app&) = delete;

 private:
  template <class T>
  using outcome = gossamer::outcome<T>;
  using socket = gossamer::socket;
  using args = gossamer::args;

  outcome<hello_answer> hello(const socket& who, const args& given);
  outcome<join_answer> join(const socket& who, const args& given);
  outcome<plain_answer> leave(const socket& who, const args& given);
  outcome<message_answer> say(const socket& who, const args& given);
  outcome<plain_answer> typing(const socket& who, const args& given);
  void gone(const socket& who);

  void type(const socket& who, const std::string& room);
  void end_typing(const socket& who, const std::string& room);
  void rooms_changed();
  void tell_rooms();

  gossamer::server& io_;
  gossamer::guarded<hall> hall_;
};

}  // namespace chat
