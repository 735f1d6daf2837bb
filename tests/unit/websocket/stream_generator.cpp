#include "tests/unit/websocket/stream_generator.hpp"

#include "gateway/websocket/client_frames.hpp"

#include <array>
#include <iterator>

namespace gossamer::websocket {
namespace {

/// Makes one stream; `text_tail_` is what the open text message still has to send.
class generator {
 public:
  generator(random_source& random, const stream_profile& profile)
      : random_(random), profile_(profile) {}

  std::string run() {
    for (auto frames = random_.below(profile_.frames_max + 1); frames > 0; --frames) {
      if (profile_.fault_one_in != 0 && one_in(profile_.fault_one_in)) {
        fault();
      } else if (one_in(4)) {
        control();
      } else {
        data();
      }
    }
    if (profile_.fault_one_in != 0 && one_in(2)) close();
    if (one_in(4)) out_.resize(out_.size() - random_.below(out_.size() / 4 + 1));
    return std::move(out_);
  }

 private:
  bool one_in(std::size_t n) { return random_.below(n) == 0; }
  std::uint32_t mask() { return one_in(8) ? 0 : static_cast<std::uint32_t>(random_.next()); }

  std::string noise(std::size_t size) {
    std::string bytes(size, '\0');
    for (auto& c : bytes) c = static_cast<char>(random_.next());
    return bytes;
  }

  /// Mostly small, often at the edges of the length forms, seldom large.
  std::size_t payload_size() {
    constexpr std::array<std::size_t, 8> edges = {0, 1, 7, 8, 125, 126, 127, 65536};
    if (one_in(300)) return edges[random_.below(edges.size())];
    if (one_in(3)) return edges[random_.below(edges.size() - 1)];
    return random_.below(profile_.payload_max + 1);
  }

  std::string text(std::size_t size) {
    constexpr const char* letters[] = {
        "a", "Z", "{\"k\":1}", "plain words and more of them", "ß", "€", "😀", "\xed\x9f\xbf", "z"};
    std::string made;
    while (made.size() < size) made += letters[random_.below(one_in(2) ? 4 : std::size(letters))];
    return made;
  }

  void data() {
    std::string payload = in_text_ || !in_message_ ? text(payload_size()) : noise(payload_size());
    opcode code = opcode::continuation;
    if (!in_message_) {
      in_text_ = !one_in(3);
      code = in_text_ ? opcode::text : opcode::binary;
    }
    const bool final = !one_in(3);
    if (in_text_) payload = carry_ + payload;
    carry_.clear();
    if (in_text_ && !final && !payload.empty()) split_code_point(payload);
    append_to(out_, {.code = code, .payload = payload, .final = final, .mask = mask()});
    in_message_ = !final;
  }

  /// Sometimes moves the last bytes of a fragment to the next one, also inside a code point.
  void split_code_point(std::string& payload) {
    const std::size_t moved = random_.below(4) % (payload.size() + 1);
    carry_ = payload.substr(payload.size() - moved);
    payload.resize(payload.size() - moved);
  }

  void control() {
    const auto payload = noise(random_.below(one_in(3) ? 126 : 9));
    append_to(out_, {.code = one_in(2) ? opcode::ping : opcode::pong,
                     .payload = payload,
                     .final = true,
                     .mask = mask()});
  }

  void close() {
    constexpr std::array<std::uint16_t, 18> codes = {1000, 1001, 1002, 1003, 1004, 1005,
                                                     1006, 1007, 1011, 1014, 1015, 1016,
                                                     2999, 3000, 4999, 5000, 999,  65535};
    std::string payload;
    switch (random_.below(4)) {
      case 0: break;
      case 1: payload = noise(random_.below(8)); break;
      case 2: payload = close_payload(codes[random_.below(codes.size())]); break;
      default:
        payload = close_payload(one_in(2) ? 1000 : codes[random_.below(codes.size())],
                                one_in(3) ? noise(random_.below(20)) : "bye €");
    }
    append_to(out_, {.code = opcode::close, .payload = payload, .final = true, .mask = mask()});
  }

  void fault() {
    const std::string payload = noise(random_.below(20));
    client_frame frame{.code = opcode::binary, .payload = payload, .final = true, .mask = mask()};
    switch (random_.below(10)) {
      case 0: frame.reserved_bits = static_cast<std::uint8_t>(1 + random_.below(7)); break;
      case 1: frame.code = static_cast<opcode>(random_.below(16)); break;
      case 2: frame.masked = false; break;
      case 3: frame.code = opcode::text; break;
      case 4: frame.code = opcode::continuation; break;
      case 5: frame.length = one_in(2) ? length_form::two_bytes : length_form::eight_bytes; break;
      case 6: out_ += noise(random_.below(30)); return;
      case 7: out_ += std::string("\x82\xff", 2) + noise(12); return;
      case 8:
        frame.code = static_cast<opcode>(8 + random_.below(3));
        frame.final = one_in(2);
        break;
      default: close(); return;
    }
    append_to(out_, frame);
  }

  random_source& random_;
  const stream_profile& profile_;
  std::string out_;
  std::string carry_;
  bool in_message_ = false;
  bool in_text_ = false;
};

}  // namespace

std::string random_stream(random_source& random, const stream_profile& profile) {
  return generator(random, profile).run();
}

}  // namespace gossamer::websocket
