// Files served from memory: a fixed list, so no path can lead anywhere else.
//
// Each file is compressed once, when it is added. Answers share its bytes. Any thread once it is
// set up.
// Limits: 4096 files, 32 MiB each, 128 MiB in all (compressed forms included).
// Errors: errc::not_a_directory, errc::too_large.
#pragma once

#include "gateway/http/compression.hpp"
#include "gateway/http/handler.hpp"
#include "gateway/http/request.hpp"
#include "gateway/http/response.hpp"
#include "runtime/base/result.hpp"
#include "runtime/base/shared_frame.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace gossamer::http {

/// `text/html; charset=utf-8` for `index.html`; `application/octet-stream` for what is unknown.
[[nodiscard]] std::string_view content_type_of(std::string_view file_name);

struct static_file {
  std::string path;  // as requested, percent-decoded: `/socket.io/socket.io.js`
  std::string content;
  std::string content_type;  // empty: by the name
  std::string etag;          // without quotes; empty: made from the content
};

class static_files final : public request_handler {
 public:
  static constexpr std::size_t files_max = 4096;
  static constexpr std::size_t file_bytes_max = 32U << 20U;
  static constexpr std::size_t total_bytes_max = 128U << 20U;

  /// Adds or replaces a file.
  [[nodiscard]] result<void> add(static_file file);
  /// Adds the regular files of a directory and those below, under `prefix` (`/` or `/app/`).
  /// `index.html` also stands for its directory. Hidden files and symbolic links are left out.
  /// Gives the number of files.
  [[nodiscard]] result<std::size_t> add_directory(const std::string& directory,
                                                  std::string_view prefix);

  [[nodiscard]] bool has(const request& wanted) const { return find(wanted) != nullptr; }
  /// 200, 304 for a matching If-None-Match, 404, or 405 for methods other than GET and HEAD.
  [[nodiscard]] response answer(const request& wanted) const;
  void on_request(std::shared_ptr<exchange> incoming) override;

  [[nodiscard]] std::size_t count() const { return files_.size(); }

 private:
  struct stored {
    std::string content_type;
    std::string etag;  // as sent
    std::array<shared_frame, coding_count> forms;
    codings available = set_of(coding::identity);
    [[nodiscard]] std::size_t bytes() const;
  };
  [[nodiscard]] const stored* find(const request& wanted) const;

  std::map<std::string, std::shared_ptr<const stored>, std::less<>> files_;
  std::size_t total_bytes_ = 0;
};

/// True if a field If-None-Match names this entity tag or is `*` (RFC 9110, 13.1.2, weak
/// comparison). Pure.
[[nodiscard]] bool etag_matches(std::string_view if_none_match, std::string_view etag);

}  // namespace gossamer::http
