// The application of the conformance server: what its clients can ask of every namespace.
#pragma once

#include "actors/include/gossamer/guarded.hpp"
#include "gateway/include/gossamer/server.hpp"

#include <map>
#include <memory>
#include <string>

namespace conformance {

/// One app: a server with the contract's namespaces and events. Outlives the server's run.
class app {
 public:
  app(gossamer::server& io, std::string instance, std::string name);

 private:
  void wire(gossamer::nsp nsp);
  void on_connection(const gossamer::socket& socket);
  void add_plain_events(gossamer::nsp& nsp);
  void add_socket_events(gossamer::nsp& nsp);
  void add_room_events(gossamer::nsp& nsp);
  void add_broadcast_events(gossamer::nsp& nsp);
  void add_asking_events(gossamer::nsp& nsp);
  void add_size_events(gossamer::nsp& nsp);
  static void add_server_events(gossamer::nsp& nsp);
  /// Answers why the last socket of this key left; looks again every 50 ms, for 5 s by 100 tries.
  void answer_reason(const std::string& key, const gossamer::ack& reply, int tries_left);

  gossamer::server& io_;
  const std::string instance_;
  const std::string name_;
  // `<namespace> <tag>` -> why the last socket of that tag left.
  gossamer::guarded<std::map<std::string, std::string>> reasons_;
};

/// PROFILE=load: as lean as an application would write it.
void add_load_events(gossamer::server& io);

}  // namespace conformance
