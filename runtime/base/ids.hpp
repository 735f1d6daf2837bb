// The ids that gossamer gives out: sessions and sockets (20 characters), nodes (128 bits).
//
// A session id or socket id is 120 bits in the URL alphabet of base64 (A-Z a-z 0-9 - _), as
// clients, proxies and sticky-session modules expect it: 96 random bits, 18 bits node tag, 6 bits
// lane. Tag and lane are hints where to look first; they never replace the look-up.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer {

class random_source;

/// Which lane of a node, 0 to 63.
enum class lane_index : std::uint8_t {};
inline constexpr std::size_t lane_count_max = 64;

/// 18 bits that say which node probably made an id.
struct node_tag {
  std::uint32_t value = 0;
  auto operator<=>(const node_tag&) const = default;
};
inline constexpr std::uint32_t node_tag_max = (1U << 18) - 1;

/// One boot of one process.
struct node_id {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const node_id&) const = default;
  /// 32 lower-case hexadecimal digits.
  [[nodiscard]] std::string text() const;
};

/// The common shape of session and socket ids.
class short_id {
 public:
  static constexpr std::size_t length = 20;

  short_id() = default;
  [[nodiscard]] std::string_view text() const { return {characters_.data(), length}; }
  [[nodiscard]] std::string string() const { return std::string(text()); }
  /// The node and lane that made the id, if gossamer made it.
  [[nodiscard]] node_tag tag() const;
  [[nodiscard]] lane_index lane() const;
  auto operator<=>(const short_id&) const = default;

  /// Does `text` have the length and alphabet of an id?
  [[nodiscard]] static bool looks_like(std::string_view text);

 protected:
  short_id(random_source& random, node_tag tag, lane_index lane);
  explicit short_id(std::string_view text);

 private:
  std::array<char, length> characters_{};
};

/// Names an Engine.IO session. Secret: who knows it can speak for the client.
class session_id : public short_id {
 public:
  session_id() = default;
  session_id(random_source& random, node_tag tag, lane_index lane) : short_id(random, tag, lane) {}
  /// Empty if `text` is not shaped like an id.
  [[nodiscard]] static std::optional<session_id> parse(std::string_view text);

 private:
  explicit session_id(std::string_view text) : short_id(text) {}
};

/// Names a Socket.IO socket: one client in one namespace. Public.
class socket_id : public short_id {
 public:
  socket_id() = default;
  socket_id(random_source& random, node_tag tag, lane_index lane) : short_id(random, tag, lane) {}
  [[nodiscard]] static std::optional<socket_id> parse(std::string_view text);

 private:
  explicit socket_id(std::string_view text) : short_id(text) {}
};

/// Hash for ids in unordered containers; the random part is the hash.
struct short_id_hash {
  std::size_t operator()(const short_id& id) const noexcept;
};

}  // namespace gossamer
