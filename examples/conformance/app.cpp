#include "examples/conformance/app.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include "examples/conformance/replies.hpp"
#include <algorithm>

namespace conformance {

using gossamer::ack;
using gossamer::args;
using gossamer::bytes;
using gossamer::nsp;
using gossamer::socket;
using gossamer::task;
namespace json = boost::json;

namespace {

// A list, one value, or nothing: all become a list of texts.
std::vector<std::string> names_of(const json::value& given) {
  std::vector<std::string> names;
  if (const auto* list = given.if_array()) {
    for (const auto& one : *list) {
      names.push_back(one.is_string() ? json::value_to<std::string>(one) : json::serialize(one));
    }
  } else if (given.is_string()) {
    names.push_back(json::value_to<std::string>(given));
  } else if (!given.is_null()) {
    names.push_back(json::serialize(given));
  }
  return names;
}

std::vector<std::string> rooms_of(const socket& who) {
  auto rooms = who.rooms();
  std::erase(rooms, who.id());
  std::sort(rooms.begin(), rooms.end());
  return rooms;
}

std::optional<std::string> tag_of(const socket& who) {
  const auto handshake = who.handshake();
  const auto tag = handshake.auth("tag");
  if (const auto* text = tag.if_string()) return std::string(*text);
  return handshake.query("tag");
}

json::object query_of(const gossamer::handshake& from) {
  json::object query;
  from.info().each_query(
      [](void* out, std::string_view name, std::string_view value) {
        static_cast<json::object*>(out)->insert_or_assign(name, value);
      },
      &query);
  return query;
}

json::object headers_of(const gossamer::handshake& from, const json::value& wanted) {
  json::object headers;
  for (const auto& name : names_of(wanted)) {
    const auto value = from.header(name);
    headers[name] = value ? json::value(*value) : json::value();
  }
  return headers;
}

// The items of a list that came as one argument, as arguments of their own; binary included.
args spread(const args& list) {
  auto raw = list.raw(0);
  const auto parsed = list.at(0);
  if (!parsed.is_array()) return list.empty() ? args() : args(raw, 1, list.attachments());
  raw.remove_prefix(raw.find('[') + 1);
  raw.remove_suffix(raw.size() - raw.rfind(']'));
  return args(raw, parsed.get_array().size(), list.attachments());
}

bool flag(const json::object& o, std::string_view name) {
  const auto* found = o.if_contains(name);
  return found != nullptr && found->is_bool() && found->get_bool();
}

// Whom an operation is about: {from, to, except, volatile, local, timeout}.
gossamer::broadcast_operator target(const socket& who, const json::value& given,
                                    std::optional<int> default_timeout = {}) {
  const auto o = given.is_object() ? given.get_object() : json::object();
  const auto* from = o.if_contains("from");
  const bool by_socket = from != nullptr && *from == "socket";
  auto chosen = by_socket ? who.broadcast() : gossamer::nsp_of(who).all();
  if (const auto* to = o.if_contains("to")) chosen = chosen.to(names_of(*to));
  if (const auto* except = o.if_contains("except")) chosen = chosen.except(names_of(*except));
  if (flag(o, "volatile")) chosen = chosen.volatile_();
  if (flag(o, "local")) chosen = chosen.local();
  const auto* timeout = o.if_contains("timeout");
  if (timeout != nullptr && timeout->is_int64())
    default_timeout = static_cast<int>(timeout->get_int64());
  if (default_timeout) chosen = chosen.timeout(gossamer::milliseconds(*default_timeout));
  return chosen;
}

// Length in UTF-16 units, as JavaScript counts.
std::size_t utf16_length(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0U) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

// The sum of many answers that come in any order.
struct question_round {
  int left = 0;
  double sum = 0;
  ack reply;
  void answered(const gossamer::result<args>& answer) {
    if (answer) {
      if (const auto number = answer->get<double>(0)) sum += *number;
    }
    if (--left == 0) reply(sum);
  }
};

constexpr std::uint32_t big_max = 64'000'000;

}  // namespace

app::app(gossamer::server& io, std::string instance, std::string name)
    : io_(io), instance_(std::move(instance)), name_(std::move(name)) {
  wire(io_.of("/"));
  wire(io_.of("/custom"));
  auto auth = io_.of("/auth");
  auth.use([this](const socket& who, const gossamer::next& go_on) {
    // About 20 ms, as a look-up elsewhere would take.
    io_.after(std::chrono::milliseconds(20), [token = who.handshake().auth("token"), go_on] {
      if (token == "secret") return go_on();
      go_on(gossamer::refuse("not authorized",
                             {{"code", "E_AUTH"}, {"retry", false}, {"token", token}}));
    });
  });
  wire(auth);
  auto parent = io_.of_pattern("/dyn-\\d+");
  wire(parent);
  parent.on("parent-emit", [parent](const socket&, const std::string& event, const args& values) {
    (void)parent.all().emit(event, spread(values));
    return true;
  });
}

void app::wire(nsp nsp) {
  nsp.on_connection([this](const socket& who) { on_connection(who); });
  nsp.on_disconnecting([this](const socket& who, gossamer::disconnect_reason why) {
    if (const auto tag = tag_of(who)) {
      reasons_.with([&](auto& all) { all[who.nsp() + " " + *tag] = text(why); });
    }
  });
  add_plain_events(nsp);
  add_socket_events(nsp);
  add_room_events(nsp);
  add_broadcast_events(nsp);
  add_asking_events(nsp);
  add_size_events(nsp);
  add_server_events(nsp);
}

void app::on_connection(const socket& who) {
  const auto shown = who.handshake();
  if (shown.auth_args().empty()) {
    who.emit("auth", boost::json::object());
  } else {
    who.emit("auth", shown.auth_args());  // as it came: it may hold binaries
  }
  who.use([](const socket&, std::string_view event, const args&, const gossamer::next& go_on) {
    if (event == "blocked") return go_on(gossamer::refuse("blocked event"));
    go_on();
  });
  who.on_error(
      [](const socket& s, const gossamer::failure& why) { s.emit("mw-error", why.message); });
}

void app::add_plain_events(nsp& nsp) {
  nsp.on("message", [](const socket& s, const args& all, const ack& reply) {
    if (!reply) {
      s.emit("message-back", all);
      return;
    }
    // An ack that the client wants is one of the arguments: it is asked in turn.
    s.emit("message-back", all, [reply](const gossamer::result<args>& answer) {
      if (answer) reply(*answer);
    });
  });
  nsp.on("message-with-ack", [](const args& all, const ack& reply) { reply(all); });
  nsp.on("emit-with-ack", [](const socket& s, const args& all) {
    s.emit("emit-with-ack", all, [s](const gossamer::result<args>& reply) {
      if (reply) s.emit("emit-with-ack", *reply);
    });
  });
  nsp.on("never-ack", [](const args&) {});
  nsp.on("ack-twice", [](const ack& reply) {
    reply(1);
    reply(2);
  });
  nsp.on("size", [](const args& all) -> json::value {
    if (const auto binary = all.get<bytes>(0)) {
      return {{"type", "binary"}, {"length", binary->size()}};
    }
    if (const auto text = all.get<std::string>(0)) {
      return {{"type", "string"}, {"length", utf16_length(*text)}};
    }
    return {{"type", "other"}, {"length", -1}};
  });
}

void app::add_socket_events(nsp& nsp) {
  nsp.on("whoami", [this](const socket& s) -> json::value {
    return {{"id", s.id()},
            {"nsp", s.nsp()},
            {"rooms", json::value_from(rooms_of(s))},
            {"transport",
             s.transport() == gossamer::transport_kind::websocket ? "websocket" : "polling"},
            {"eio", s.revision()},
            {"recovered", s.recovered()},
            {"instance", instance_},
            {"app", name_}};
  });
  nsp.on("handshake", [](const socket& s, const std::optional<json::value>& names) -> json::value {
    const auto from = s.handshake();
    return {{"auth", from.auth()},
            {"query", query_of(from)},
            {"headers", headers_of(from, names.value_or(nullptr))},
            {"xdomain", from.xdomain()},
            {"secure", from.secure()}};
  });
  nsp.on("set-data", [](const socket& s, const json::value& more) {
    if (const auto* object = more.if_object()) {
      for (const auto& one : *object) s.data().insert_or_assign(one.key(), one.value());
    }
    return json::value(s.data());
  });
  nsp.on("bye", [](const socket& s, const std::optional<json::value>& close) {
    s.disconnect(close && close->is_bool() && close->get_bool());
  });
  nsp.on("drop", [](const socket& s) { s.close_connection(); });
  nsp.on("stats", [this](const socket& s) -> json::value {
    const auto all = gossamer::nsp_of(s);
    return {{"engine", io_.counts().sessions()},
            {"sockets", all.socket_count()},
            {"rooms", all.room_count()}};
  });
  nsp.on("reason-of", [this](const socket& s, const std::string& tag, const ack& reply) {
    answer_reason(s.nsp() + " " + tag, reply, 100);
  });
}

void app::answer_reason(const std::string& key, const ack& reply, int tries_left) {
  const auto found = reasons_.with([&](auto& all) -> std::optional<std::string> {
    const auto at = all.find(key);
    return at == all.end() ? std::nullopt : std::optional(at->second);
  });
  if (found) {
    reply(*found);
  } else if (tries_left == 0) {
    reply(nullptr);
  } else {
    io_.after(std::chrono::milliseconds(50),
              [this, key, reply, tries_left] { answer_reason(key, reply, tries_left - 1); });
  }
}

void app::add_room_events(nsp& nsp) {
  nsp.on("join", [](const socket& s, const json::value& rooms, const ack& reply) {
    s.join(names_of(rooms));
    if (reply) reply(rooms_of(s));
  });
  nsp.on("leave", [](const socket& s, const json::value& rooms, const ack& reply) {
    s.leave(names_of(rooms));
    if (reply) reply(rooms_of(s));
  });
}

void app::add_broadcast_events(nsp& nsp) {
  nsp.on("op-emit",
         [](const socket& s, const json::value& o, const std::string& event, const args& rest) {
           (void)target(s, o).emit(event, spread(rest));
           return true;
         });
  nsp.on("op-emit-ack", [](const socket& s, const json::value& o, const std::string& event,
                           const args& rest, const ack& reply) {
    (void)target(s, o, 500).emit(event, spread(rest),
                                 [reply](const gossamer::broadcast_answers& got) {
                                   reply(collected{got.complete, {got.responses}});
                                 });
  });
  nsp.on("op-fetch", [](const socket& s, const json::value& o) -> task<json::value> {
    auto found = co_await target(s, o).fetch_sockets();
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.id() < b.id(); });
    json::array list;
    for (const auto& one : found) {
      auto rooms = one.rooms();
      std::erase(rooms, one.id());
      std::sort(rooms.begin(), rooms.end());
      list.push_back({{"id", one.id()},
                      {"rooms", json::value_from(rooms)},
                      {"data", json::parse(one.data_json())}});
    }
    co_return list;
  });
  nsp.on("op-join", [](const socket& s, const json::value& o, const json::value& rooms) {
    (void)target(s, o).sockets_join(names_of(rooms));
    return true;
  });
  nsp.on("op-leave", [](const socket& s, const json::value& o, const json::value& rooms) {
    (void)target(s, o).sockets_leave(names_of(rooms));
    return true;
  });
  nsp.on("op-disconnect",
         [](const socket& s, const json::value& o, const std::optional<bool>& close) {
           (void)target(s, o).disconnect_sockets(close.value_or(false));
           return true;
         });
}

void app::add_asking_events(nsp& nsp) {
  nsp.on("ask", [](const socket& s, double ms, const std::string& event, const args& rest,
                   const ack& reply) {
    const auto limit = gossamer::milliseconds(static_cast<std::int64_t>(ms));
    s.timeout(limit).emit(event, spread(rest), [reply](const gossamer::result<args>& answer) {
      if (!answer) {
        reply(json::value{{"ok", false}, {"error", answer.error().message()}});
        return;
      }
      reply(asked{true, *answer});
    });
  });
  nsp.on("ask-many", [](const socket& s, int count, const ack& reply) {
    const auto round = std::make_shared<question_round>(question_round{count, 0, reply});
    if (count <= 0) reply(0);
    for (int i = 0; i < count; ++i) {
      s.timeout(gossamer::milliseconds(4000))
          .emit("question", i,
                [round](const gossamer::result<args>& answer) { round->answered(answer); });
    }
  });
}

void app::add_size_events(nsp& nsp) {
  nsp.on("flood", [](const socket& s, int count) {
    for (int i = 0; i < count; ++i) s.emit("flood-item", i);
    return count;
  });
  nsp.on("volatile-burst", [](const socket& s, int count) {
    for (int i = 0; i < count; ++i) s.volatile_().emit("vol", i);
    s.emit("vol-end", count);
  });
  nsp.on("big", [](const socket& s, std::uint32_t size, const std::string& kind) {
    if (size > big_max) return;
    if (kind == "binary") {
      s.emit("big-back",
             bytes::filled(size, [size](char* out) { std::fill_n(out, size, '\xab'); }));
    } else {
      s.emit("big-back", std::string(size, 'x'));
    }
  });
  nsp.on("make-binary", [](const socket& s, std::uint32_t size) {
    if (size > big_max) return;
    const auto content = bytes::filled(size, [size](char* out) {
      for (std::uint32_t i = 0; i < size; ++i) out[i] = static_cast<char>(i & 255U);
    });
    s.emit("binary-back", binary_back{{content, "text"}, {bytes(), nullptr}}, bytes("\1\2\3"));
  });
}

// This server is no node of a cluster: there is nobody to tell, and nobody tells it anything.
void app::add_server_events(nsp& nsp) {
  nsp.on("sse", [](const socket& s, const std::string& event, const json::value& values,
                   const std::optional<bool>& wants_ack, const ack& reply) {
    if (!wants_ack.value_or(false)) {
      (void)gossamer::nsp_of(s).server_side_emit(event, values);
      reply(json::value{{"ok", true}});
      return;
    }
    (void)gossamer::nsp_of(s).server_side_emit(event, values,
                                               [reply](const gossamer::broadcast_answers& got) {
                                                 reply(collected{got.complete, {got.responses}});
                                               });
  });
  nsp.on("sse-log", [] { return json::value(json::array()); });
}

void add_load_events(gossamer::server& io) {
  auto all = io.of("/");
  all.on("echo", [](const socket& s, const args& what) { s.emit("echo", what); });
  all.on("ping", [](const args& what, const ack& reply) { reply(what); });
  all.on("join", [](const socket& s, const std::string& room) {
    s.join(room);
    return "ok";
  });
  all.on("leave", [](const socket& s, const std::string& room) {
    s.leave(room);
    return "ok";
  });
  all.on("broadcast", [all](const args& what) { (void)all.emit("broadcast", what); });
  all.on("room", [all](const std::string& room, const args& what) {
    (void)all.to(room).emit("room", what);
  });
}

}  // namespace conformance
