#include "gateway/transport/old_frames.hpp"

#include "gateway/engineio/base64.hpp"

#include <string>
#include <utility>

namespace gossamer::transport {
namespace {

shared_frame made_of(const shared_frame& binary, bool base64) {
  if (!base64) return shared_frame::make(frame_kind::binary, {"\x04", binary.payload()});
  std::string text = "b4";
  engineio::append_base64(text, binary.payload());
  return shared_frame::make(frame_kind::text, {text});
}

}  // namespace

const shared_frame& old_frames::of(const shared_frame& binary, bool base64) {
  for (const entry& one : kept_) {
    if (one.original == binary && one.base64 == base64) return one.made;
  }
  entry next{binary, made_of(binary, base64), base64};
  if (kept_.size() < kept_max) {
    oldest_ = 0;
    return kept_.emplace_back(std::move(next)).made;
  }
  entry& place = kept_[oldest_++ % kept_max];
  place = std::move(next);
  return place.made;
}

}  // namespace gossamer::transport
