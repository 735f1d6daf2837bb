#include "gateway/http/compression.hpp"

#include "gateway/http/header_fields.hpp"

#include <array>
#include <brotli/encode.h>
#include <limits>
#include <utility>
#include <zlib.h>

namespace gossamer::http {
namespace {

constexpr std::array<std::string_view, coding_count> names{"", "gzip", "deflate", "br"};
// The best first: decides between equal weights.
constexpr std::array<coding, coding_count> by_merit{coding::br, coding::gzip, coding::deflate,
                                                    coding::identity};

// `;q=0.5` in thousandths; 1000 without it. A malformed weight counts as 0.
int weight_of(std::string_view parameters) {
  const auto q = parameters.find_first_of("qQ");
  if (q == std::string_view::npos) return 1000;
  if (parameters.substr(q + 1, 1) != "=") return 0;
  const auto digits = trimmed(parameters.substr(q + 2));
  if (digits.empty() || digits[0] < '0' || digits[0] > '1') return 0;
  int weight = (digits[0] - '0') * 1000;
  int step = 100;
  for (std::size_t i = 2; i < digits.size() && step > 0; ++i, step /= 10) {
    if (digits[i] < '0' || digits[i] > '9') break;
    weight += (digits[i] - '0') * step;
  }
  return weight > 1000 ? 1000 : weight;
}

std::optional<std::string> with_zlib(std::string_view content, int level, int window_bits) {
  z_stream stream{};
  if (content.size() > std::numeric_limits<uInt>::max() ||
      ::deflateInit2(&stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return std::nullopt;
  }
  std::string out(::deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool done = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (!done) return std::nullopt;
  return out;
}

std::optional<std::string> with_brotli(std::string_view content, int level) {
  std::size_t size = ::BrotliEncoderMaxCompressedSize(content.size());
  std::string out(size, '\0');
  const auto ok =
      ::BrotliEncoderCompress(level, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, content.size(),
                              reinterpret_cast<const std::uint8_t*>(content.data()), &size,
                              reinterpret_cast<std::uint8_t*>(out.data()));
  if (ok == BROTLI_FALSE) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace

std::string_view text(coding value) {
  return names[static_cast<std::size_t>(value)];
}

coding choose_coding(std::optional<std::string_view> accept, codings available) {
  if (!accept) return coding::identity;
  constexpr int unset = -1;
  std::array<int, coding_count> weights;
  weights.fill(unset);
  int others = unset;
  each_list_item(*accept, [&](std::string_view item) {
    const auto semicolon = item.find(';');
    const auto name = trimmed(item.substr(0, semicolon));
    const int weight =
        semicolon == std::string_view::npos ? 1000 : weight_of(item.substr(semicolon + 1));
    if (name == "*") others = weight;
    if (equal_ignoring_case(name, "identity")) weights[0] = weight;
    for (std::size_t i = 1; i < coding_count; ++i) {
      if (equal_ignoring_case(name, names[i])) weights[i] = weight;
    }
  });
  coding best = coding::identity;
  int best_weight = 0;
  for (const coding each : by_merit) {
    if (each != coding::identity && (available & set_of(each)) == 0) continue;
    int weight = weights[static_cast<std::size_t>(each)];
    if (weight == unset) weight = others;
    // What is not named is refused, but for identity, which is the last choice.
    if (weight == unset) weight = each == coding::identity ? 1 : 0;
    if (weight <= best_weight) continue;
    best = each;
    best_weight = weight;
  }
  return best;
}

std::optional<std::string> compressed(coding how, std::string_view content, int level) {
  switch (how) {
    case coding::identity: return std::string(content);
    case coding::gzip: return with_zlib(content, level, 15 + 16);
    case coding::deflate: return with_zlib(content, level, 15);
    case coding::br: return with_brotli(content, level);
  }
  return std::nullopt;
}

coding choose_quick_coding(std::optional<std::string_view> accept) {
  return choose_coding(accept, set_of(coding::gzip) | set_of(coding::deflate));
}

void compress(response& answer, coding how, const compression_options& options) {
  const bool worth = answer.compressible && answer.body.size() >= options.threshold;
  if (!worth || how == coding::identity || answer.shared) return;
  auto small = compressed(how, answer.body, options.level);
  if (!small || small->size() >= answer.body.size()) return;
  answer.body = std::move(*small);
  answer.headers.add("Content-Encoding", text(how));
}

}  // namespace gossamer::http
