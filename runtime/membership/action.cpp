#include "runtime/membership/action.hpp"

namespace gossamer::membership {

std::string_view text_of(notice_kind kind) {
  switch (kind) {
    case notice_kind::up: return "up";
    case notice_kind::suspected: return "suspected";
    case notice_kind::recovered: return "recovered";
    case notice_kind::down: return "down";
    case notice_kind::left: return "left";
    case notice_kind::replaced: return "replaced";
    case notice_kind::updated: return "updated";
    case notice_kind::joined: return "joined";
    case notice_kind::refuted: return "refuted";
    case notice_kind::tag_changed: return "tag_changed";
    case notice_kind::renewed: return "renewed";
    case notice_kind::paused: return "paused";
    case notice_kind::resolve_seeds: return "resolve_seeds";
    case notice_kind::left_cluster: return "left_cluster";
    case notice_kind::name_conflict: return "name_conflict";
    case notice_kind::name_taken: return "name_taken";
    case notice_kind::address_contest: return "address_contest";
    case notice_kind::udp_blocked: return "udp_blocked";
    case notice_kind::version_refused: return "version_refused";
    case notice_kind::epoch_refused: return "epoch_refused";
  }
  return "unknown";
}

}  // namespace gossamer::membership
