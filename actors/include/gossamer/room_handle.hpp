// A room by its name: `io.room("/desk", "lobby")`. A cheap value; any thread; makes nothing and
// keeps nothing alive.
//
// With <gossamer/actors.hpp> it converts to a `caf::group`, so that `self->join(io.room(...))`
// works.
#pragma once

#include "actors/include/gossamer/broadcast_operator.hpp"
#include "actors/include/gossamer/detail.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace caf {
class group;
}

namespace gossamer {

class room_handle {
 public:
  room_handle(const detail::nsp_ref& in, std::string name) : nsp_(in), name_(std::move(name)) {}
  room_handle(const detail::nsp_core& in, std::string name)
      : nsp_(detail::ref_of(in)), name_(std::move(name)) {}

  [[nodiscard]] std::string nsp() const { return detail::name_of(nsp_); }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Sockets in the room.
  [[nodiscard]] std::size_t size() const { return detail::room_size(nsp_, name_); }
  template <class... Ts>
  error_code emit(std::string_view event, const Ts&... values) const {
    return broadcast_operator(nsp_).to(name_).emit(event, values...);
  }
  /// See room_of. Include <gossamer/actors.hpp>.
  operator caf::group() const;  // NOLINT(google-explicit-constructor)

 private:
  detail::nsp_ref nsp_;
  std::string name_;
};

}  // namespace gossamer
