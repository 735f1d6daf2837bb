#include "runtime/directory/errc.hpp"

#include <string>

namespace gossamer::directory {

namespace {

const char* text_of(errc e) {
  switch (e) {
    case errc::malformed: return "malformed directory message";
    case errc::too_large: return "directory message with too many bytes";
    case errc::wrong_version: return "unknown version of the directory protocol";
    case errc::unknown_type: return "unknown type of directory message";
    case errc::too_many_watches: return "too many watched rooms";
  }
  return "unknown directory error";
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"  // the base's destructor is not ours
class directory_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "gossamer.directory"; }
  [[nodiscard]] std::string message(int value) const override {
    return text_of(static_cast<errc>(value));
  }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& category() noexcept {
  static const directory_category the_category;
  return the_category;
}

}  // namespace gossamer::directory
