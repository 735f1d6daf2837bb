#include "actors/socketio/msgpack_encode.hpp"

#include "actors/socketio/iso_date.hpp"
#include "actors/socketio/json_marks.hpp"
#include "actors/socketio/json_scan.hpp"
#include "actors/socketio/json_text.hpp"
#include "actors/socketio/placeholders.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <msgpack.hpp>
#include <system_error>
#include <vector>

namespace gossamer::socketio {
namespace {

struct text_stream {
  std::string& out;
  void write(const char* data, std::size_t size) { out.append(data, size); }
};
using packer = msgpack::packer<text_stream>;

void pack_text(packer& to, std::string_view text) {
  to.pack_str(static_cast<std::uint32_t>(text.size()));
  to.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

// An integer where JavaScript has one.
void pack_number(packer& to, double value) {
  if (std::trunc(value) != value || value < -0x1p63 || value >= 0x1p64) {
    to.pack_double(value);
  } else if (value < 0) {
    to.pack_int64(static_cast<std::int64_t>(value));
  } else {
    to.pack_uint64(static_cast<std::uint64_t>(value));
  }
}

void pack_number(packer& to, std::string_view raw) {
  const char* end = raw.data() + raw.size();
  std::uint64_t positive = 0;
  if (const auto read = std::from_chars(raw.data(), end, positive);
      read.ec == std::errc() && read.ptr == end) {
    to.pack_uint64(positive);
    return;
  }
  std::int64_t negative = 0;
  if (const auto read = std::from_chars(raw.data(), end, negative);
      read.ec == std::errc() && read.ptr == end) {
    to.pack_int64(negative);
    return;
  }
  pack_number(to, parse_json_number(raw));
}

void pack_date(packer& to, std::int64_t ms) {
  std::array<char, 8> content{};
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<char>(static_cast<std::uint64_t>(ms) >> (56 - 8 * i));
  }
  to.pack_ext(content.size(), 0);
  to.pack_ext_body(content.data(), content.size());
}

// Always with a length: the fixed forms of ext type 0 mean other things.
void append_array_buffer(std::string& out, std::string_view content) {
  const auto size = static_cast<std::uint32_t>(content.size());
  const int width = size < 0x100 ? 1 : size < 0x10000 ? 2 : 4;
  out += static_cast<char>(width == 1 ? 0xc7 : width == 2 ? 0xc8 : 0xc9);
  for (int i = width - 1; i >= 0; --i) out += static_cast<char>(size >> (8U * unsigned(i)));
  out += '\0';
  out += content;
}

// Text inside the program may hold unpaired surrogates (json_text.hpp): U+FFFD outside.
void replace_surrogates(std::string& text) {
  std::size_t at = text.find('\xed');
  for (; at != std::string::npos && at + 2 < text.size(); at = text.find('\xed', at + 1)) {
    if (static_cast<unsigned char>(text[at + 1]) >= 0xa0) text.replace(at, 3, "\xef\xbf\xbd");
  }
}

// Walks over the values of a JSON text. `Derived` says what to do with each of them; placeholders
// are values.
template <class Derived>
class json_walk {
 public:
  json_walk(std::string_view text, const std::vector<placeholder>& holes)
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()), holes_(holes) {}

  void run() {
    while (at_ != end_) step();
  }

 protected:
  const char* begin_;
  const char* at_;
  const char* end_;

 private:
  Derived& self() { return static_cast<Derived&>(*this); }

  void step() {
    switch (*at_) {
      case '{':
      case '[':
        if (next_hole_ < holes_.size() && begin_ + holes_[next_hole_].begin == at_) return hole();
        self().opened(*at_++ == '{');
        return;
      case '}':
      case ']':
        ++at_;
        self().closed();
        return;
      case ',':
      case ':':
      case ' ':
      case '\t':
      case '\r':
      case '\n': ++at_; return;
      case '"': return text();
      default: return word();
    }
  }
  void hole() {
    const auto& found = holes_[next_hole_++];
    at_ = begin_ + found.end;
    self().binary(*found.num, marks::tabs_at(at_, end_) == marks::array_buffer.size());
  }
  void text() {
    const char* begin = at_ + 1;
    at_ = skip_string(at_, end_);
    const char* close = at_ == begin ? begin : at_ - 1;
    const std::string_view raw(begin, static_cast<std::size_t>(close - begin));
    const char* after = skip_space(at_, end_);
    if (after != end_ && *after == ':') {
      self().key(raw);
    } else {
      self().string(raw, marks::tabs_at(at_, end_) == marks::date.size());
    }
  }
  void word() {
    const char* begin = at_;
    at_ = std::max(skip_value(at_, end_), begin + 1);
    self().word(std::string_view(begin, static_cast<std::size_t>(at_ - begin)),
                marks::tabs_at(at_, end_));
  }

  const std::vector<placeholder>& holes_;
  std::size_t next_hole_ = 0;
};

// How many values each array and how many members each object has, in the order in which they open:
// msgpack says it first.
class counter : public json_walk<counter> {
 public:
  using json_walk::json_walk;
  std::vector<std::uint32_t> counts;

  void opened(bool object) {
    value();
    open_.push_back({counts.size(), object});
    counts.push_back(0);
  }
  void closed() {
    if (!open_.empty()) open_.pop_back();
  }
  void key(std::string_view) {
    if (!open_.empty() && open_.back().object) ++counts[open_.back().index];
  }
  void string(std::string_view, bool) { value(); }
  void binary(std::size_t, bool) { value(); }
  void word(std::string_view, std::size_t) { value(); }

 private:
  struct level {
    std::size_t index = 0;
    bool object = false;
  };
  void value() {
    if (!open_.empty() && !open_.back().object) ++counts[open_.back().index];
  }
  std::vector<level> open_;
};

class transcoder : public json_walk<transcoder> {
 public:
  transcoder(std::string_view text, const std::vector<placeholder>& holes,
             std::span<const bytes> attachments, const std::vector<std::uint32_t>& counts,
             std::string& out)
      : json_walk(text, holes),
        attachments_(attachments),
        counts_(counts),
        out_(out),
        stream_{out},
        to_(stream_) {}

  void opened(bool object) {
    const std::uint32_t count = counts_[next_count_++];
    if (object) {
      to_.pack_map(count);
    } else {
      to_.pack_array(count);
    }
  }
  void closed() {}
  void key(std::string_view raw) { pack_text(to_, decoded(raw)); }
  void string(std::string_view raw, bool marked) {
    const std::string_view text = decoded(raw);
    if (marked) {
      if (const auto ms = parse_iso_date(text)) return pack_date(to_, *ms);
    }
    pack_text(to_, text);
  }
  void binary(std::size_t number, bool marked) {
    const std::string_view content = attachments_[number].view();
    if (marked) return append_array_buffer(out_, content);
    to_.pack_bin(static_cast<std::uint32_t>(content.size()));
    to_.pack_bin_body(content.data(), static_cast<std::uint32_t>(content.size()));
  }
  void word(std::string_view raw, std::size_t tabs) {
    if (raw == "true") {
      to_.pack_true();
    } else if (raw == "false") {
      to_.pack_false();
    } else if (raw == "null") {
      null(tabs);
    } else {
      pack_number(to_, raw);
    }
  }

 private:
  void null(std::size_t tabs) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    constexpr std::size_t plain = std::string_view("null").size();
    switch (tabs + plain) {
      case marks::undefined.size(): out_.append("\xd4\0\0", 3); return;
      case marks::not_a_number.size():
        to_.pack_double(std::numeric_limits<double>::quiet_NaN());
        return;
      case marks::infinity.size(): to_.pack_double(infinite); return;
      case marks::minus_infinity.size(): to_.pack_double(-infinite); return;
      case marks::invalid_date.size(): return pack_date(to_, 0);
      default: to_.pack_nil(); return;
    }
  }
  std::string_view decoded(std::string_view raw) {
    const bool plain = raw.find('\\') == std::string_view::npos;
    if (plain && raw.find('\xed') == std::string_view::npos) return raw;
    buffer_.clear();
    append_decoded(buffer_, raw);
    replace_surrogates(buffer_);
    return buffer_;
  }

  std::span<const bytes> attachments_;
  const std::vector<std::uint32_t>& counts_;
  std::size_t next_count_ = 0;
  std::string& out_;
  text_stream stream_;
  packer to_;
  std::string buffer_;
};

void append_payload(std::string_view json, std::span<const bytes> attachments, std::string& out) {
  std::vector<placeholder> holes;
  if (!attachments.empty()) holes = find_placeholders(json);
  std::erase_if(
      holes, [&](const placeholder& hole) { return !hole.num || *hole.num >= attachments.size(); });
  counter counted(json, holes);
  counted.run();
  transcoder(json, holes, attachments, counted.counts, out).run();
}

}  // namespace

void encode_msgpack(const outgoing_packet& packet, std::string& out) {
  text_stream stream{out};
  packer to(stream);
  const auto id = [&] {
    pack_text(to, "id");
    pack_number(to, packet.id->number());
  };
  const bool id_first = packet.type == packet_type::ack;  // the order in which Node makes them
  to.pack_map(2U + (packet.json.empty() ? 0U : 1U) + (packet.id ? 1U : 0U));
  if (packet.id && id_first) id();
  pack_text(to, "type");
  to.pack_uint8(static_cast<std::uint8_t>(packet.type));
  if (!packet.json.empty()) {
    pack_text(to, "data");
    append_payload(packet.json, packet.attachments, out);
  }
  if (packet.id && !id_first) id();
  pack_text(to, "nsp");
  pack_text(to, packet.nsp);
}

}  // namespace gossamer::socketio
