// The number that ties an ack to its event, with the precision that every client has.
//
// Clients are JavaScript: an id is a double there. Our own ids are below 2^31; an id of a client
// may have any number of digits and comes back in the ack as Node would print it, so
// `123456789012345678` is answered with `123456789012345680`.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::socketio {

class ack_id {
 public:
  constexpr ack_id() = default;
  /// Implicit: our own ids are plain integers. Exact up to 2^53.
  constexpr ack_id(std::uint64_t value) : value_(static_cast<double>(value)) {}  // NOLINT

  /// `digits` is one or more decimal digits, as many as the client likes.
  [[nodiscard]] static ack_id parse(std::string_view digits);

  /// Any integer, as formats with numbers carry it; negative ones are possible too.
  [[nodiscard]] static constexpr ack_id from_number(double integer) {
    ack_id id;
    id.value_ = integer;
    return id;
  }
  /// The id as JavaScript knows it.
  [[nodiscard]] constexpr double number() const { return value_; }

  /// The id as an integer; empty below 0 and above 2^53, where it cannot be one of ours.
  [[nodiscard]] std::optional<std::uint64_t> exact() const;
  /// Appends the id as JavaScript prints it.
  void append_to(std::string& out) const;
  [[nodiscard]] std::string text() const;

  friend constexpr bool operator==(ack_id, ack_id) = default;

 private:
  double value_ = 0;
};

}  // namespace gossamer::socketio
