#include "tests/unit/websocket/deflate_streams.hpp"

#include "gateway/websocket/client_frames.hpp"

#include <algorithm>
#include <iterator>
#include <vector>
#include <zlib.h>

namespace gossamer::websocket {
namespace {

constexpr std::string_view tail("\x00\x00\xff\xff", 4);
constexpr std::uint8_t rsv1 = 4;

Bytef* bytes_of(const char* text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text));
}

void run(z_stream& z, std::string_view in, int flush, std::string& out) {
  z.next_in = bytes_of(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  do {
    char block[512];
    z.next_out = bytes_of(block);
    z.avail_out = sizeof block;
    ::deflate(&z, flush);
    out.append(block, sizeof block - z.avail_out);
  } while (z.avail_out == 0);
}

class generator {
 public:
  generator(random_source& random, const deflate_profile& profile)
      : random_(random), profile_(profile) {}

  std::string run() {
    for (auto messages = 1 + random_.below(6); messages > 0; --messages) message();
    if (one_in(4)) append_to(out_, {.code = opcode::close, .payload = close_payload(1000)});
    return out_;
  }

 private:
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
  bool fault() { return profile_.fault_one_in != 0 && one_in(profile_.fault_one_in); }

  void message() {
    const bool text = one_in(2);
    const std::size_t size = one_in(4) ? 0 : random_.below(one_in(8) ? 5000 : 200);
    std::string content = text ? random_text(random_, size) : random_bytes(random_, size);
    if (text && fault()) content += "\xff!";
    const bool deflated = !one_in(4);
    std::string payload = content;
    if (deflated) {
      payload = deflate_message(
          content, {static_cast<int>(random_.below(10)), static_cast<int>(random_.below(5)),
                    one_in(3) ? 1 + random_.below(100) : 0, profile_.last_blocks && one_in(6)});
    }
    if (fault()) spoil(payload);
    fragments(payload, text ? opcode::text : opcode::binary, deflated);
  }

  void spoil(std::string& payload) {
    if (payload.empty()) return;
    if (one_in(2)) return payload.resize(random_.below(payload.size()));
    char& byte = payload[random_.below(payload.size())];
    byte = static_cast<char>(byte ^ static_cast<char>(1U << random_.below(8)));
  }

  void fragments(std::string_view payload, opcode code, bool deflated) {
    std::uint8_t bits = deflated ? rsv1 : 0;
    bool final = false;
    while (!final) {
      const std::size_t size = one_in(3) ? random_.below(payload.size() + 1) : payload.size();
      final = size == payload.size() && !one_in(6);
      if (fault()) bits = static_cast<std::uint8_t>(random_.below(8));
      append_to(out_, {.code = code,
                       .payload = payload.substr(0, size),
                       .final = final,
                       .mask = static_cast<std::uint32_t>(random_.next()),
                       .reserved_bits = bits});
      payload.remove_prefix(size);
      code = opcode::continuation;
      bits = 0;
      if (one_in(5)) {
        const std::uint8_t ping_bits = fault() ? rsv1 : 0;
        append_to(out_, {.code = opcode::ping, .payload = "hi", .reserved_bits = ping_bits});
      }
    }
  }

  random_source& random_;
  deflate_profile profile_;
  std::string out_;
};

}  // namespace

std::string deflate_message(std::string_view text, const deflate_how& how) {
  z_stream z{};
  ::deflateInit2(&z, how.level, Z_DEFLATED, -15, 8, how.strategy);
  std::string out;
  while (how.flush_every != 0 && text.size() > how.flush_every) {
    run(z, text.substr(0, how.flush_every), Z_SYNC_FLUSH, out);
    text.remove_prefix(how.flush_every);
  }
  run(z, text, how.last_block ? Z_FINISH : Z_SYNC_FLUSH, out);
  ::deflateEnd(&z);
  if (how.last_block) return out + '\0';
  // Nothing to say since the last flush: zlib says nothing.
  if (!out.ends_with(tail)) return out;
  out.resize(out.size() - tail.size());
  return out;
}

std::string inflate_in_steps(std::string_view payload, std::size_t step) {
  const std::string in = std::string(payload) + std::string(tail);
  z_stream z{};
  ::inflateInit2(&z, -15);
  std::vector<char> taken(step);
  std::string out;
  bool good = true;
  bool whole = false;
  for (std::size_t at = 0; good && at < in.size();) {
    const std::size_t size = std::min(step, in.size() - at);
    z.next_in = bytes_of(in.data() + at);
    z.avail_in = static_cast<uInt>(size);
    at += size;
    do {
      z.next_out = bytes_of(taken.data());
      z.avail_out = static_cast<uInt>(step);
      const int code = ::inflate(&z, Z_SYNC_FLUSH);
      good = code == Z_OK || code == Z_BUF_ERROR;
      if (code == Z_OK) whole = z.data_type == 128;  // between blocks, no bit left
      out.append(taken.data(), step - z.avail_out);
    } while (good && z.avail_out == 0);
  }
  ::inflateEnd(&z);
  return good && whole ? out : "<error>";
}

std::string random_text(random_source& random, std::size_t bytes) {
  static constexpr std::string_view words[] = {"gossamer ",
                                               "spider ",
                                               "thread ",
                                               "f\xc3\xbc"
                                               "r ",
                                               "\xe2\x82\xac",
                                               "{\"a\":1}",
                                               "[]",
                                               "x"};
  std::string out;
  while (out.size() < bytes) out += words[random.below(std::size(words))];
  return out;
}

std::string random_bytes(random_source& random, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(random.below(256));
  return out;
}

std::string random_deflate_stream(random_source& random, const deflate_profile& profile) {
  return generator(random, profile).run();
}

}  // namespace gossamer::websocket
