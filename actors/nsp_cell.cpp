#include "actors/nsp_cell.hpp"

#include "actors/nsp_core.hpp"
#include "runtime/lanes/lane.hpp"

#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <new>
#include <pthread.h>
#include <vector>

namespace gossamer::detail {
namespace {

struct cell {
  alignas(nsp_core) std::byte storage[sizeof(nsp_core)];  // first: a core's address is its cell's
  std::atomic<std::uint16_t> serial{1};
  std::atomic<const void*> lanes{nullptr};

  static cell& of(const nsp_core* core) {
    return *reinterpret_cast<cell*>(const_cast<nsp_core*>(core));
  }
};

struct cell_pool {
  std::mutex mutex;
  std::vector<cell*> free;
  std::vector<std::unique_ptr<cell>> all;
};

// Never destroyed: threads may outlive `main`.
cell_pool& pool() {
  static auto& made = *new cell_pool;
  return made;
}

// Writers first, so that threads that emit all the time cannot hold up the end of a server.
pthread_rwlock_t gate = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
thread_local int gate_depth = 0;

cell& take_cell() {
  auto& cells = pool();
  const std::lock_guard lock(cells.mutex);
  if (cells.free.empty()) {
    cells.all.push_back(std::make_unique<cell>());
    cells.free.push_back(cells.all.back().get());
  }
  auto& taken = *cells.free.back();
  cells.free.pop_back();
  return taken;
}

void give_back(cell& emptied) {
  if (emptied.serial == std::numeric_limits<std::uint16_t>::max()) return;
  auto& cells = pool();
  const std::lock_guard lock(cells.mutex);
  cells.free.push_back(&emptied);
}

}  // namespace

nsp_ptr make_nsp(server_core& server, std::string name, const lane_group& lanes,
                 std::size_t lane_count) {
  auto& into = take_cell();
  into.lanes.store(&lanes, std::memory_order_relaxed);
  const auto serial = into.serial.load(std::memory_order_relaxed);
  return nsp_ptr(new (into.storage) nsp_core(server, std::move(name), lane_count, serial));
}

void retire(const nsp_core& nsp) noexcept {
  auto expected = nsp.ref().serial;
  const auto next = static_cast<std::uint16_t>(expected + 1);
  cell::of(&nsp).serial.compare_exchange_strong(expected, next, std::memory_order_acq_rel);
}

void await_outsiders() noexcept {
  pthread_rwlock_wrlock(&gate);
  pthread_rwlock_unlock(&gate);
}

void nsp_end::operator()(nsp_core* nsp) const noexcept {
  retire(*nsp);
  await_outsiders();
  auto& emptied = cell::of(nsp);
  nsp->~nsp_core();
  give_back(emptied);
}

// -- being in a namespace -------------------------------------------------------------------------

nsp_use::nsp_use(const nsp_ref& which) noexcept {
  if (which.core == nullptr) return;
  const auto& asked = cell::of(which.core);
  if (asked.serial.load(std::memory_order_acquire) != which.serial) return;
  const void* own_lanes = lane::current_group();
  if (own_lanes != nullptr && asked.lanes.load(std::memory_order_relaxed) == own_lanes) {
    open_ = true;
    return;
  }
  if (gate_depth == 0) pthread_rwlock_rdlock(&gate);
  ++gate_depth;
  holds_gate_ = true;
  open_ = asked.serial.load(std::memory_order_acquire) == which.serial;
}

void nsp_use::leave_gate() noexcept {
  if (--gate_depth == 0) pthread_rwlock_unlock(&gate);
}

}  // namespace gossamer::detail
