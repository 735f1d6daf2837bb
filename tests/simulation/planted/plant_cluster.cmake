# Plants defects into copies of the sources of runtime/cluster, as plant_membership.cmake does into those of
# runtime/membership.
#
#   cmake -DFROM=<runtime/cluster> -DTO=<folder> -P plant_cluster.cmake
cmake_minimum_required(VERSION 3.25)

include(${CMAKE_CURRENT_LIST_DIR}/planting.cmake)

# 201: a death does not end the wait of a request
plant(exchange.cpp "  requests_.member_gone(who);\n  acks_" "  if (!planted(201)) requests_.member_gone(who);\n  acks_")
# 202: nor that of acks
plant(exchange.cpp "  acks_.member_gone(who);\n  owed_" "  if (!planted(202)) acks_.member_gone(who);\n  owed_")
# 203: a second answer of a socket counts too
plant(ack_gatherer.cpp "if (n.settled.contains(socket)) {" "if (!planted(203) && n.settled.contains(socket)) {")
# 204: credit is not asked for again, though what was lost takes its place in the window
plant(outgoing_link.cpp "if (flying_.empty()) query_at_ = now + settings_.query_after;"
  "if (flying_.empty()) query_at_ = planted(204) ? time_point::max() : now + settings_.query_after;")
plant(outgoing_link.cpp "    query_at_ = now + settings_.query_after;\n  }\n  while"
  "    query_at_ = planted(204) ? time_point::max() : now + settings_.query_after;\n  }\n  while")
# 205: a batch is the wrong way round
plant(batch_queue.cpp "  bytes_ -= e.bytes;\n  return taken;"
  "  bytes_ -= e.bytes;\n  if (planted(205)) for (std::size_t i = 0; i < taken.size() / 2; ++i) std::swap(taken[i], taken[taken.size() - 1 - i]);\n  return taken;")
# 206: a blob that comes twice is heard twice
plant(incoming_link.cpp "if (m.sequence < expected_) {" "if (!planted(206) && m.sequence < expected_) {")
# 207: what is lost on the way is not told to the sender
plant(incoming_link.cpp "return credit{session_, position(), lost_};" "return credit{session_, position(), planted(207) ? 0 : lost_};")
# 208: what a broken connection took along is not reported
plant(exchange.cpp "  notice(peer, link_event::unconfirmed, at->second.out->connection_lost(++last_session_));"
  "  const auto gone_with_it = at->second.out->connection_lost(++last_session_);\n  if (!planted(208)) notice(peer, link_event::unconfirmed, gone_with_it);")
# 209: a request has no end in time
plant(exchange.cpp "  requests_.expire(now);" "  if (!planted(209)) requests_.expire(now);")
plant(exchange.cpp "std::min({requests_.deadline()," "std::min({planted(209) ? time_point::max() : requests_.deadline(),")
# 210: a broken connection goes on in the same session
plant(exchange.cpp "connection_lost(++last_session_)" "connection_lost(planted(210) ? at->second.out->session() : ++last_session_)")
# 211: more is sent than the window holds
plant(outgoing_link.cpp "flying_bytes_ + queue_.next_bytes() <= settings_.window_bytes;"
  "(planted(211) || flying_bytes_ + queue_.next_bytes() <= settings_.window_bytes);")
# 212: acks are complete when the nodes have counted their sockets
plant(ack_gatherer.cpp "  n->expected = m.count;\n" "  n->expected = planted(212) ? 0 : m.count;\n")
