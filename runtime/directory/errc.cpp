#include "runtime/directory/errc.hpp"

#include "runtime/base/error_category.hpp"

#include <string_view>

namespace gossamer::directory {

namespace {

std::string_view text_of(errc e) {
  switch (e) {
    case errc::malformed: return "malformed directory message";
    case errc::too_large: return "directory message with too many bytes";
    case errc::wrong_version: return "unknown version of the directory protocol";
    case errc::unknown_type: return "unknown type of directory message";
    case errc::too_many_watches: return "too many watched rooms";
  }
  return "unknown directory error";
}

}  // namespace

const boost::system::error_category& category() noexcept {
  static const category_of<errc> the_category("gossamer.directory", text_of);
  return the_category;
}

}  // namespace gossamer::directory
