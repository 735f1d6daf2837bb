# Plants defects into copies of the sources of runtime/membership, to see that the simulator finds
# them. Each stays asleep until `gossamer::planted_defect` has its number.
#
#   cmake -DFROM=<runtime/membership> -DTO=<folder> -P plant_membership.cmake
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/planting.cmake)

# 1: accusations are not refuted
plant(swim_self.cpp "if (leaving_ || incarnation < self_.incarnation) return false;"
  "if (planted(1) || leaving_ || incarnation < self_.incarnation) return false;")
# 2: a refutation does not raise the incarnation
plant(swim_self.cpp "std::max(self_.incarnation, above) + 1;"
  "std::max(self_.incarnation, above) + (planted(2) ? 0 : 1);")
# 3: suspicions never end in death
plant(swim_rules.cpp "if (!vetoed(*m, now)) {" "if (!planted(3) && !vetoed(*m, now)) {")
# 4: a failed probe is death at once
plant(swim_probe.cpp "accuse(*m, m->record.incarnation, self_.id, now);"
  "if (planted(4)) declare(*m, status::dead, self_.id, now); else accuse(*m, m->record.incarnation, self_.id, now);")
# 5: the newest boot does not own its address
plant(swim_rules.cpp "if (holder != nullptr && !booted_after(r, holder->record)) {"
  "if (!planted(5) && holder != nullptr && !booted_after(r, holder->record)) {")
# 6: an older boot lives on beside the new one
plant(swim_rules.cpp "if (holder != nullptr && holder->state != status::left) retire("
  "if (!planted(6) && holder != nullptr && holder->state != status::left) retire(")
# 7: the dead are never offered a sync
plant(swim_sync.cpp "if (m->state == status::dead && table_.holder(m->record.at) == m) dead_ones.push_back(m);"
  "if (!planted(7) && m->state == status::dead && table_.holder(m->record.at) == m) dead_ones.push_back(m);")
plant(swim_sync.cpp "  offer_to_random_seed();\n}\n\nvoid swim::offer_to_random_seed"
  "  if (!planted(7)) offer_to_random_seed();\n}\n\nvoid swim::offer_to_random_seed")
# 8: a sync is offered but its answer is not merged, except while joining
plant(swim_sync.cpp "for (const sync_entry& e : m.entries) merge("
  "for (const sync_entry& e : m.entries) if (!planted(8) || !joined_) merge(")
# 9: a rumour is told once
plant(rumours.cpp "++at->second.order.sent >= limit" "++at->second.order.sent >= (planted(9) ? 1 : limit)")
# 10: equal tags stay
plant(swim_self.cpp "if (later && r.tag == self_.tag) change_tag();"
  "if (!planted(10) && later && r.tag == self_.tag) change_tag();")
# 11: a node whose clock was behind does not take a later epoch
plant(swim_self.cpp "contested_epoch_ = std::max(contested_epoch_, r.epoch);"
  "if (!planted(11)) contested_epoch_ = std::max(contested_epoch_, r.epoch);")
# 12: a leave is not announced
plant(swim_self.cpp "rumours_.replace(self_.id, encode(dead{self_.id, self_.incarnation, self_.id}));"
  "if (!planted(12)) rumours_.replace(self_.id, encode(dead{self_.id, self_.incarnation, self_.id}));")
# 13: who came back from death is not probed any more
plant(swim_rules.cpp "  if (before == status::dead) {\n    order_.add(r.id, random_);"
  "  if (before == status::dead) {\n    if (!planted(13)) order_.add(r.id, random_);")
# 14: a newer statement of a member is not kept, only its incarnation
plant(swim_rules.cpp "  table_.update(m, r);"
  "  seen_as.id = r.id; table_.update(m, planted(14) ? seen_as : r);")
# 15: a digest is always called equal
plant(swim_sync.cpp "m.digest == digest()" "(planted(15) || m.digest == digest())")
# 16: what others believe dead is taken as dead, and the dead are believed to be left
plant(swim_sync.cpp "case status::dead: on(suspect{r.id, r.incarnation, source}, in, now); return;"
  "case status::dead: if (planted(16)) on(dead{r.id, r.incarnation, r.id}, in, now); else on(suspect{r.id, r.incarnation, source}, in, now); return;")
