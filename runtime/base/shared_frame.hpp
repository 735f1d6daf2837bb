// One message as it goes to clients: encoded once, shared by all recipients, never changed.
//
// Layout in one allocation:
//
//     [ WebSocket frame header, 2-10 bytes ][ payload ]
//       ^ wire()                              ^ payload()
//
// A WebSocket recipient sends wire(); a polling recipient takes payload(). For `text` the payload
// is an Engine.IO packet with its type character ("42[...]"), for `binary` it is the bare bytes of
// a message (Engine.IO 4 sends them without a type; polling adds `b` + base64). `raw` is bytes that
// go out as they are: WebSocket control frames, HTTP heads and bodies.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace gossamer {

enum class frame_kind : std::uint8_t { text, binary, raw };

/// A pointer to an immutable frame; copies share it. Any thread. A default one is empty.
class shared_frame {
 public:
  shared_frame() = default;
  shared_frame(const shared_frame& other) noexcept : rep_(other.rep_) {
    if (rep_ != nullptr) rep_->references.fetch_add(1, std::memory_order_relaxed);
  }
  shared_frame(shared_frame&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  shared_frame& operator=(shared_frame other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~shared_frame() { release(); }

  /// The parts one after the other as the payload of one unmasked, final WebSocket frame (RFC
  /// 6455, 5.2); `raw` has no header. Limit: 4 GiB in all.
  [[nodiscard]] static shared_frame make(frame_kind kind,
                                         std::initializer_list<std::string_view> parts);

  explicit operator bool() const { return rep_ != nullptr; }
  [[nodiscard]] frame_kind kind() const { return rep_->kind; }
  [[nodiscard]] std::string_view wire() const { return {rep_->data(), rep_->size}; }
  [[nodiscard]] std::string_view payload() const { return wire().substr(rep_->header_size); }
  [[nodiscard]] std::size_t size_bytes() const { return rep_ == nullptr ? 0 : rep_->size; }

  /// The smaller form. The first call makes it: `make(const shared_frame&)` gives it, or an empty
  /// one if there is none. Later calls, from any thread, get the same; while one thread makes it
  /// the others wait. Gives this frame if there is none or the frame is `plain_only`.
  template <class Make>
  [[nodiscard]] shared_frame smaller(Make&& make) const {
    if (rep_->stage.load(std::memory_order_acquire) < made && begin_smaller()) {
      filling filled(*rep_);
      filled.with(std::forward<Make>(make)(*this));
    }
    return rep_->second == nullptr ? *this : shared_frame(*rep_->second, adds_reference{});
  }
  /// The frame has no smaller form, the application does not want one. Call it before the frame is
  /// shared.
  void set_plain_only() const { rep_->stage.store(plain, std::memory_order_release); }
  [[nodiscard]] bool plain_only() const {
    return rep_->stage.load(std::memory_order_acquire) == plain;
  }

  /// True if both are the same frame, not merely equal.
  friend bool operator==(const shared_frame& a, const shared_frame& b) { return a.rep_ == b.rep_; }

 private:
  // Where the smaller form is.
  static constexpr std::uint8_t unmade = 0, making = 1, made = 2, plain = 3;
  struct adds_reference {};
  struct rep {
    std::atomic<std::uint32_t> references{1};
    std::uint32_t size = 0;
    std::uint8_t header_size = 0;
    frame_kind kind = frame_kind::raw;
    std::atomic<std::uint8_t> stage{unmade};
    rep* second = nullptr;  // the smaller form; written by the thread that sets `made`
    char* data() { return reinterpret_cast<char*>(this + 1); }
    [[nodiscard]] const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  };
  // Tells the end of making to those that wait, also if it threw: then the next call tries again.
  class filling {
   public:
    explicit filling(rep& of) : of_(of) {}
    filling(const filling&) = delete;
    filling& operator=(const filling&) = delete;
    ~filling();
    void with(shared_frame&& second) noexcept {
      of_.second = std::exchange(second.rep_, nullptr);
      filled_ = true;
    }

   private:
    rep& of_;
    bool filled_ = false;
  };

  shared_frame(rep& of, adds_reference) noexcept : rep_(&of) {
    rep_->references.fetch_add(1, std::memory_order_relaxed);
  }
  /// True: the caller makes it. False: it is there.
  [[nodiscard]] bool begin_smaller() const;
  void release() noexcept;

  rep* rep_ = nullptr;
};

}  // namespace gossamer
