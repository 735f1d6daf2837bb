// Any bytes as a stream of requests: in one piece and cut at a place that the input chooses, with
// the same result, within the limits.
#include "gateway/http/request_reader.hpp"
#include "runtime/base/check.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace {

using gossamer::http::request_reader;
constexpr std::size_t body_bytes_max = 100;

// What the reader said, as a text to compare.
class transcript {
 public:
  void feed(std::string_view data) {
    while (!data.empty() && !ended_) {
      auto what = reader_->read(data);
      if (what == request_reader::progress::head) what = reader_->accept_body(body_bytes_max);
      if (what == request_reader::progress::refused) {
        text_ += "refused " + std::string(text(reader_->why()));
        ended_ = true;
      } else if (what == request_reader::progress::complete) {
        finish(*reader_->take());
      }
    }
  }
  [[nodiscard]] const std::string& text_so_far() const { return text_; }

 private:
  void finish(const gossamer::http::request& got) {
    GOSSAMER_CHECK(got.body.size() <= body_bytes_max);
    text_ += std::string(text(got.method)) + ' ' + std::string(got.path()) + ' ' +
             std::string(got.query()) + '\n' + std::string(got.headers.text()) + got.body + '\n';
    reader_ = std::make_unique<request_reader>(1000, 20);
  }

  std::unique_ptr<request_reader> reader_ = std::make_unique<request_reader>(1000, 20);
  std::string text_;
  bool ended_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = input.empty() ? 0 : data[0] % (input.size() + 1);
  transcript whole;
  whole.feed(input);
  transcript halves;
  halves.feed(input.substr(0, cut));
  halves.feed(input.substr(cut));
  GOSSAMER_CHECK(whole.text_so_far() == halves.text_so_far());
  return 0;
}
