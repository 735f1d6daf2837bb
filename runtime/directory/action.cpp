#include "runtime/directory/action.hpp"

namespace gossamer::directory {

std::string_view text_of(notice_kind kind) {
  switch (kind) {
    case notice_kind::synced: return "synced";
    case notice_kind::lost_sync: return "lost_sync";
    case notice_kind::mismatch: return "mismatch";
    case notice_kind::overflowed: return "overflowed";
    case notice_kind::purged: return "purged";
    case notice_kind::unplaced: return "unplaced";
  }
  return "unknown";
}

}  // namespace gossamer::directory
