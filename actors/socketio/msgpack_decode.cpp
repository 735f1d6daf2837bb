#include "actors/socketio/msgpack_decode.hpp"

#include "actors/socketio/errc.hpp"
#include "actors/socketio/iso_date.hpp"
#include "actors/socketio/json_marks.hpp"
#include "actors/socketio/json_text.hpp"
#include "runtime/base/limits.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <msgpack.hpp>
#include <string>
#include <utility>

namespace gossamer::socketio {
namespace {

constexpr int undefined_ext = 1;  // sizes of the bytes of ext type 0
constexpr int date_ext = 8;

template <class Integer>
void append_integer(std::string& out, Integer value) {
  std::array<char, 24> buffer{};
  const auto made = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), made.ptr);
}

// What a value at the top of the packet is, as far as a field of a packet can be it.
enum class field_kind : std::uint8_t { absent, null, number, text, array, object, other };

// Writes the payload as JSON text and notes the other fields. Each value is followed by a comma,
// which the end of its array or map turns into a bracket.
class packet_reader : public msgpack::null_visitor {
 public:
  explicit packet_reader(std::size_t message_size) : left_(message_size) {}

  result<incoming_packet> finish() &&;

  // -- called by msgpack-cxx; false ends the reading ---------------------------------------------

  bool visit_nil() {
    if (in_key_) return key("null");
    return scalar(field_kind::null, [](std::string& out) { out += "null"; });
  }
  bool visit_boolean(bool v) {
    const std::string_view text = v ? "true" : "false";
    if (in_key_) return key(text);
    return scalar(field_kind::other, [&](std::string& out) { out += text; });
  }
  bool visit_positive_integer(std::uint64_t v) { return integer(v); }
  bool visit_negative_integer(std::int64_t v) { return integer(v); }
  bool visit_float32(float v) { return floating(static_cast<double>(v)); }
  bool visit_float64(double v) { return floating(v); }
  bool visit_str(const char* v, std::uint32_t size) {
    const std::string_view text(v, size);
    if (in_key_) return key(text);
    if (depth_ == 1 && field_ == field::nsp) set_nsp(text);
    return scalar(field_kind::text, [&](std::string& out) { append_json_string(out, text); });
  }
  bool visit_bin(const char* v, std::uint32_t size) {
    const std::string_view content(v, size);
    if (in_key_) return key(content);
    return scalar(field_kind::other, [&](std::string& out) { binary(out, content); });
  }
  bool visit_ext(const char* v, std::uint32_t size);

  bool start_array(std::uint32_t count) { return open(count, '[', field_kind::array); }
  bool end_array_item() { return comma(); }
  bool end_array() { return close('[', ']'); }
  bool start_map(std::uint32_t count) {
    return open(std::uint64_t{2} * count, '{', field_kind::object);
  }
  bool start_map_key() {
    in_key_ = true;
    return true;
  }
  bool end_map_key() {
    in_key_ = false;
    return true;
  }
  bool end_map_value() {
    if (skipped_depth_ == depth_) {
      skipped_depth_ = 0;
      return true;
    }
    return comma();
  }
  bool end_map() { return close('{', '}'); }

 private:
  enum class field : std::uint8_t { type, nsp, data, id, other };

  // Is this value a part of the payload? Those of other fields are checked and forgotten.
  [[nodiscard]] bool writes() const { return field_ == field::data && skipped_depth_ == 0; }

  template <class Write>
  bool scalar(field_kind kind, Write&& write) {
    if (depth_ == 0) return false;  // the packet is a map
    if (depth_ == 1) set_field(kind);
    if (writes()) write(found_.json);
    return bin_count_ <= msgpack_binaries_max;
  }
  template <class Integer>
  bool integer(Integer v) {
    std::string_view raw;
    std::array<char, 24> buffer{};
    raw = {buffer.data(),
           static_cast<std::size_t>(
               std::to_chars(buffer.data(), buffer.data() + buffer.size(), v).ptr - buffer.data())};
    if (in_key_) return key(raw);
    number_ = static_cast<double>(v);
    return scalar(field_kind::number, [&](std::string& out) { out += raw; });
  }
  bool floating(double v);
  bool key(std::string_view name);
  bool open(std::uint64_t children, char bracket, field_kind kind);
  bool close(char opening, char closing);
  bool comma() {
    if (depth_ > 1 && writes()) found_.json += ',';
    return true;
  }
  void binary(std::string& out, std::string_view content);
  void set_field(field_kind kind);
  void set_nsp(std::string_view name);

  incoming_packet found_;
  std::uint64_t left_;  // of the message, less what is claimed: each value is at least a byte
  std::size_t depth_ = 0;
  std::size_t skipped_depth_ = 0;  // of the map that has `__proto__`, while its value is read
  std::size_t bin_count_ = 0;
  bool in_key_ = false;
  field field_ = field::other;
  double number_ = 0;
  field_kind type_kind_ = field_kind::absent;
  field_kind nsp_kind_ = field_kind::absent;
  field_kind id_kind_ = field_kind::absent;
  field_kind data_kind_ = field_kind::absent;
  double type_ = 0;
  double id_ = 0;
};

void packet_reader::set_field(field_kind kind) {
  switch (field_) {
    case field::type:
      type_kind_ = kind;
      type_ = number_;
      return;
    case field::nsp: nsp_kind_ = kind; return;
    case field::id:
      id_kind_ = kind;
      id_ = number_;
      return;
    case field::data:  // the last one of this name counts
      data_kind_ = kind;
      found_.json.clear();
      found_.attachments.clear();
      return;
    case field::other: return;
  }
}

// Bytes that are no UTF-8 become U+FFFD, as in all other text.
void packet_reader::set_nsp(std::string_view name) {
  found_.nsp = name;
  if (is_plain_json(name)) return;
  std::string quoted;
  append_json_string(quoted, name);
  found_.nsp.clear();
  append_decoded(found_.nsp, std::string_view(quoted).substr(1, quoted.size() - 2));
}

bool packet_reader::floating(double v) {
  if (in_key_) {
    std::string name;
    append_js_number(name, v);
    return key(name);
  }
  number_ = v;
  return scalar(field_kind::number, [&](std::string& out) {
    if (std::isnan(v)) {
      out += marks::not_a_number;
    } else if (std::isinf(v)) {
      out += v > 0 ? marks::infinity : marks::minus_infinity;
    } else {
      append_js_number(out, v);
    }
  });
}

bool packet_reader::key(std::string_view name) {
  if (depth_ == 1) {
    field_ = name == "type"   ? field::type
             : name == "nsp"  ? field::nsp
             : name == "data" ? field::data
             : name == "id"   ? field::id
                              : field::other;
    return true;
  }
  if (!writes()) return true;
  if (name == "__proto__") {
    skipped_depth_ = depth_;
    return true;
  }
  append_json_string(found_.json, name);
  if (name == "_placeholder") found_.json += marks::no_placeholder;
  found_.json += ':';
  return true;
}

bool packet_reader::open(std::uint64_t children, char bracket, field_kind kind) {
  if (in_key_ || children > left_) return false;
  left_ -= children;
  if (depth_ == 0 && kind != field_kind::object) return false;
  if (depth_ == 1) set_field(kind);
  if (++depth_ > limits::json_depth_max + 1) return false;
  if (depth_ > 1 && writes()) found_.json += bracket;
  return true;
}

bool packet_reader::close(char opening, char closing) {
  auto& out = found_.json;
  if (depth_ > 1 && writes()) {
    if (out.back() == opening) {
      out += closing;
    } else {
      out.back() = closing;  // in place of the comma after the last value
    }
  }
  --depth_;
  return true;
}

void packet_reader::binary(std::string& out, std::string_view content) {
  if (++bin_count_ > msgpack_binaries_max) return;
  out += R"({"_placeholder":true,"num":)";
  append_integer(out, found_.attachments.size());
  out += '}';
  found_.attachments.emplace_back(content);
}

// `v` is the type and then the bytes. The fixed forms (d4 to d8) and those with a length mean
// different things: the former stand right after their first byte, the latter after their length.
bool packet_reader::visit_ext(const char* v, std::uint32_t size) {
  const auto type = static_cast<signed char>(v[0]);
  const std::string_view content(v + 1, size - 1);
  const bool fixed = static_cast<unsigned char>(v[-1]) >= 0xd4 && content.size() <= 16;
  if (in_key_) return type == 0 && fixed && content.size() == undefined_ext && key("undefined");
  if (type == 0 && fixed && content.size() == undefined_ext) {
    return scalar(field_kind::absent, [](std::string& out) { out += marks::undefined; });
  }
  if (type == 0 && fixed && content.size() == date_ext) {
    std::uint64_t bits = 0;
    for (const char c : content) bits = bits << 8U | static_cast<unsigned char>(c);
    const auto ms = static_cast<std::int64_t>(bits);
    return scalar(field_kind::other, [&](std::string& out) {
      if (!is_date_ms(ms)) {
        out += marks::invalid_date;
        return;
      }
      out += '"';
      append_iso_date(out, ms);
      out += '"';
      out += marks::date;
    });
  }
  return scalar(type == 0 && !fixed ? field_kind::other : field_kind::array, [&](std::string& out) {
    if (type == 0 && !fixed) {
      binary(out, content);
      out += marks::array_buffer;
      return;
    }
    out += '[';
    append_integer(out, static_cast<int>(type));
    out += ',';
    binary(out, content);
    out += ']';
  });
}

bool is_integer(double value) {
  return std::isfinite(value) && std::trunc(value) == value;
}

result<incoming_packet> packet_reader::finish() && {
  if (type_kind_ != field_kind::number || !is_integer(type_) || type_ < 0 || type_ > 4) {
    return errc::unknown_packet_type;
  }
  if (nsp_kind_ != field_kind::text) return errc::invalid_payload;
  found_.type = static_cast<packet_type>(type_);
  const bool object = data_kind_ == field_kind::object;
  bool fits = false;
  switch (found_.type) {
    case packet_type::connect: fits = object || data_kind_ == field_kind::absent; break;
    case packet_type::disconnect: fits = data_kind_ == field_kind::absent; break;
    case packet_type::connect_error: fits = object || data_kind_ == field_kind::text; break;
    default: fits = data_kind_ == field_kind::array; break;
  }
  if (!fits) return errc::invalid_payload;
  if (data_kind_ == field_kind::absent) found_.json.clear();  // `undefined` was written
  if (id_kind_ != field_kind::absent) {
    if (id_kind_ != field_kind::number || !is_integer(id_)) return errc::invalid_payload;
    found_.id = ack_id::from_number(id_);
  }
  return std::move(found_);
}

}  // namespace

result<incoming_packet> decode_msgpack(std::string_view message) {
  packet_reader reader(message.size());
  std::size_t offset = 0;
  if (!msgpack::parse(message.data(), message.size(), offset, reader) || offset != message.size()) {
    return errc::invalid_payload;
  }
  return std::move(reader).finish();
}

}  // namespace gossamer::socketio
