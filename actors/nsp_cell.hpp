// Where namespaces live: cells whose memory is never given back, so that a handle that outlives its
// namespace, or its server, can still be asked whether it means something.
//
//     handle ──> cell: serial, lanes, storage of one nsp_core
//        └ serial, as it was when the handle was made
//
// A handle (nsp_ref, socket_ref) is good while its serial is the cell's. A namespace that ends
// first changes the serial; then nobody new comes in, and it is destroyed when nobody is in any
// more:
//   - its own lanes only compare: they are known to be out when each of them has run two deliveries
//     that were posted after the change (server_core), or when they have ended;
//   - every other thread holds a process-wide gate for reading while it is in (see nsp_use), which
//     `await_outsiders` takes for writing.
// Cells are used again, with the next serial; one whose serials are used up is left alone.
//
// Any thread.
#pragma once

#include "actors/include/gossamer/detail.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace gossamer {
class lane_group;
}

namespace gossamer::detail {

class server_core;

/// Ends the namespace: its handles are stale from now on. Repeated calls do nothing.
void retire(const nsp_core& nsp) noexcept;
/// Returns when no thread but the namespaces' own lanes is in a retired one. Not in a nsp_use.
void await_outsiders() noexcept;

/// Retires, waits for outsiders and destroys.
struct nsp_end {
  void operator()(nsp_core* nsp) const noexcept;
};
using nsp_ptr = std::unique_ptr<nsp_core, nsp_end>;

/// `lanes` is not looked into: it may be gone already.
[[nodiscard]] nsp_ptr make_nsp(server_core& server, std::string name, const lane_group& lanes,
                               std::size_t lane_count);

}  // namespace gossamer::detail
