# Plants defects into copies of the sources of runtime/directory, to see that the simulator finds
# them. Each stays asleep until `gossamer::planted_defect` has its number.
#
#   cmake -DFROM=<runtime/directory> -DTO=<folder> -P plant_directory.cmake
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/planting.cmake)

# 101: a room is withdrawn as soon as its last member leaves
plant(local_interest.cpp "lingering_.push_back({now + hysteresis_, hash});"
  "lingering_.push_back({planted(101) ? now : now + hysteresis_, hash});")
plant(local_interest.cpp "if (r->members == 0 && since < hysteresis_) {"
  "if (!planted(101) && r->members == 0 && since < hysteresis_) {")
# 102: a digest that is not equal is not repaired
plant(room_directory_reader.cpp "if (!r.whole || m.root == "
  "if (planted(102) || !r.whole || m.root == ")
# 103: a boot that was replaced keeps its table, as the dead do
plant(room_directory_members.cpp "    case member_change::replaced: purge(now, about.id); break;"
  "    case member_change::replaced: if (!planted(103)) purge(now, about.id); else if (found != peers_.end() && found->second.up) lose(now, found->second); break;")
# 104: a table is trusted before its sync has ended
plant(room_directory_reader.cpp "  r.whole = false;\n  for (const section& s : m.sections) {"
  "  r.whole = planted(104);\n  for (const section& s : m.sections) {")
# 106: the dead are still sent to
plant(room_directory_members.cpp "  if (p.reads.slot) remote_.set_counting(*p.reads.slot, false);\n  refresh(p);"
  "  if (p.reads.slot && !planted(111)) remote_.set_counting(*p.reads.slot, false);\n  if (!planted(106)) refresh(p);")
# 107: a suspicion purges
plant(room_directory_members.cpp "    case member_change::suspected:\n"
  "    case member_change::suspected: if (planted(107)) purge(now, about.id); break;\n")
# 108: the tables of the dead are kept for ever
plant(room_directory_members.cpp "  p.purge_at = now + settings_.dead_hold;"
  "  p.purge_at = planted(108) ? never : now + settings_.dead_hold;")
# 109: interest is not flushed before data
plant(room_directory.cpp "  if (ask || flush_at_ != never) publish(now);"
  "  if (!planted(109) && (ask || flush_at_ != never)) publish(now);")
# 110: what data depends on is ignored
plant(room_directory_reader.cpp "  if (r.slot && seq > std::max(r.applied, r.needed)) {"
  "  if (!planted(110) && r.slot && seq > std::max(r.applied, r.needed)) {")
# 111 (above): the counts of the dead go on counting
# 112: who resumes misses one change
plant(room_directory_writer.cpp "    w.sent = w.acked = m.seq;"
  "    w.sent = w.acked = m.seq + (planted(112) && m.seq < log_.head() ? 1 : 0);")
# 113: a table that is not whole is trusted
plant(room_directory_members.cpp "(synced ? synced_ : everything_).add"
  "(synced || planted(113) ? synced_ : everything_).add")
# 114: what a bucket held before its sync stays in it
plant(room_directory_reader.cpp "  if (s.fresh) {" "  if (s.fresh && !planted(114)) {")
# 115: counts only ever grow at the others
plant(own_counts.cpp "    if (now == before) continue;"
  "    if (now == before || (planted(115) && now < before)) continue;")
# 116: who was told to join does not count before it says so
plant(expected_interest.cpp "  expire(now);\n  const time_point until" "  if (planted(116)) return;\n  expire(now);\n  const time_point until")
# 117: of several updates each says that it is the last
plant(room_directory_writer.cpp "more || left > 0" "more || (!planted(117) && left > 0)")
