#include "gateway/http/static_files.hpp"

#include "gateway/http/errc.hpp"
#include "gateway/http/exchange.hpp"
#include "gateway/http/percent.hpp"

#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace gossamer::http {
namespace {

namespace fs = std::filesystem;

struct type_row {
  std::string_view extension, type;
};
constexpr type_row types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "application/javascript; charset=utf-8"},
    {".mjs", "application/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json; charset=utf-8"},
    {".map", "application/json; charset=utf-8"},
    {".txt", "text/plain; charset=utf-8"},
    {".xml", "application/xml"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff", "font/woff"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
};

constexpr std::size_t compress_from = 1024;  // bytes
constexpr int compress_level = 9;

bool worth_compressing(std::string_view type, std::size_t size) {
  if (size < compress_from) return false;
  return type.starts_with("text/") || type.starts_with("application/j") ||
         type.starts_with("application/xml") || type.starts_with("application/m") ||
         type.starts_with("application/wasm") || type.starts_with("image/svg");
}

// FNV-1a, 64 bits: tells versions of a file apart, protects nothing.
std::string tag_of(std::string_view content) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return fmt::format("{:x}-{:016x}", content.size(), hash);
}

std::string_view strong_part(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

result<std::string> read_file(const fs::path& path, std::uintmax_t size) {
  if (size > static_files::file_bytes_max) return errc::too_large;
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

bool is_hidden(const fs::path& relative) {
  for (const auto& part : relative) {
    if (part.string().starts_with('.')) return true;
  }
  return false;
}

}  // namespace

std::string_view content_type_of(std::string_view file_name) {
  const auto dot = file_name.rfind('.');
  const auto extension = dot == std::string_view::npos ? std::string_view{} : file_name.substr(dot);
  for (const auto& row : types) {
    if (equal_ignoring_case(row.extension, extension)) return row.type;
  }
  return "application/octet-stream";
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  if (trimmed(if_none_match) == "*") return true;
  bool found = false;
  each_list_item(if_none_match, [&](std::string_view item) {
    found = found || strong_part(item) == strong_part(etag);
  });
  return found;
}

std::size_t static_files::stored::bytes() const {
  std::size_t sum = 0;
  for (const auto& form : forms) sum += form.size_bytes();
  return sum;
}

result<void> static_files::add(static_file file) {
  if (file.content.size() > file_bytes_max) return errc::too_large;
  stored made;
  made.content_type =
      file.content_type.empty() ? std::string(content_type_of(file.path)) : file.content_type;
  made.etag = '"' + (file.etag.empty() ? tag_of(file.content) : file.etag) + '"';
  made.forms[0] = shared_frame::make(frame_kind::raw, {file.content});
  if (worth_compressing(made.content_type, file.content.size())) {
    for (const coding each : {coding::gzip, coding::deflate, coding::br}) {
      const auto small = compressed(each, file.content, compress_level);
      if (!small || small->size() >= file.content.size()) continue;
      made.forms[static_cast<std::size_t>(each)] = shared_frame::make(frame_kind::raw, {*small});
      made.available |= set_of(each);
    }
  }
  const auto old = files_.find(file.path);
  const std::size_t freed = old == files_.end() ? 0 : old->second->bytes();
  const std::size_t total = total_bytes_ - freed + made.bytes();
  if (total > total_bytes_max || (old == files_.end() && files_.size() >= files_max)) {
    return errc::too_large;
  }
  total_bytes_ = total;
  files_.insert_or_assign(std::move(file.path), std::make_shared<const stored>(std::move(made)));
  return {};
}

result<std::size_t> static_files::add_directory(const std::string& directory,
                                                std::string_view prefix) {
  std::error_code ec;
  fs::recursive_directory_iterator entry(directory, fs::directory_options::skip_permission_denied,
                                         ec);
  if (ec) return errc::not_a_directory;
  std::size_t added = 0;
  for (; entry != fs::recursive_directory_iterator(); entry.increment(ec)) {
    if (ec) return errc::not_a_directory;
    const fs::path relative = entry->path().lexically_relative(directory);
    if (entry->is_symlink(ec) || !entry->is_regular_file(ec) || is_hidden(relative)) continue;
    auto content = read_file(entry->path(), entry->file_size(ec));
    if (!content) return content.error();
    const std::string path = std::string(prefix) + relative.generic_string();
    if (relative.filename() == "index.html") {
      const auto folder = path.substr(0, path.size() - relative.filename().string().size());
      if (const auto ok = add({folder, *content, "text/html; charset=utf-8", {}}); !ok)
        return ok.error();
    }
    if (const auto ok = add({path, std::move(*content), {}, {}}); !ok) return ok.error();
    ++added;
  }
  return added;
}

const static_files::stored* static_files::find(const request& wanted) const {
  const auto path = percent_decoded(wanted.path());
  if (!path) return nullptr;
  const auto found = files_.find(*path);
  return found == files_.end() ? nullptr : found->second.get();
}

response static_files::answer(const request& wanted) const {
  const stored* file = find(wanted);
  if (file == nullptr) return plain_response(404);
  if (wanted.method != method::get && wanted.method != method::head) {
    response refused = plain_response(405);
    refused.headers.add("Allow", "GET, HEAD");
    return refused;
  }
  response out;
  out.headers.add("Cache-Control", "public, max-age=0");
  out.headers.add("ETag", file->etag);
  if (file->available != set_of(coding::identity)) out.headers.vary("Accept-Encoding");
  const auto known = wanted.headers.joined("If-None-Match");
  if (known && etag_matches(*known, file->etag)) {
    out.status = 304;
    return out;
  }
  const auto accepted = wanted.headers.joined("Accept-Encoding");
  const coding chosen = choose_coding(accepted, file->available);
  out.headers.add("Content-Type", file->content_type);
  if (chosen != coding::identity) out.headers.add("Content-Encoding", text(chosen));
  out.shared = file->forms[static_cast<std::size_t>(chosen)];
  return out;
}

void static_files::on_request(std::shared_ptr<exchange> incoming) {
  incoming->respond(answer(incoming->req()));
}

}  // namespace gossamer::http
