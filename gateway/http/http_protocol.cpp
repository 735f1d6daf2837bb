#include "gateway/http/http_protocol.hpp"

#include "gateway/http/connection.hpp"
#include "gateway/http/lane_server.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/limits.hpp"

#include <utility>

namespace gossamer::http {
namespace {

// What an answer may take to leave once the connection closes after it.
constexpr milliseconds flush_time_max{30'000};

}  // namespace

http_protocol::http_protocol(connection& on, lane_server& part) : connection_(on), part_(part) {
  // Silence is bounded from the start; a TLS handshake has the same time.
  connection_.wake_at(part_.home().now() + part_.options().head_time_max);
}

http_protocol::~http_protocol() {
  abort_open(false);
}

void http_protocol::on_bytes(std::span<char> data) {
  std::string_view rest(data.data(), data.size());
  while (!rest.empty() && connection_.open() && !hijacked_ && !no_more_requests_ && may_read()) {
    if (!read_request(rest)) break;
  }
  if (no_more_requests_ && !hijacked_) return;
  connection_.unread(rest);
  if (!hijacked_) update_reading();
}

// False once the rest of the bytes is of no interest.
bool http_protocol::read_request(std::string_view& data) {
  if (incoming_ == nullptr) {
    incoming_ = std::make_unique<incoming>(part_.options().head_bytes_max,
                                           part_.options().header_fields_max);
    incoming_->deadline = part_.home().now() + part_.options().head_time_max;
    update_timer();
  }
  auto progress = incoming_->reader.read(data);
  if (progress == request_reader::progress::head) progress = on_head();
  switch (progress) {
    case request_reader::progress::more:
    case request_reader::progress::head: return true;
    case request_reader::progress::complete: on_request(); return true;
    case request_reader::progress::refused: refuse(incoming_->reader.why()); return false;
  }
  return true;
}

request_reader::progress http_protocol::on_head() {
  request& head = incoming_->reader.parsed();
  head.peer = connection_.peer();
  head.secure = connection_.secure();
  auto choice = part_.owner().routes().choose(head);
  incoming_->handler = std::move(choice.handler);
  const auto progress = incoming_->reader.accept_body(choice.body_bytes_max);
  if (progress != request_reader::progress::more) return progress;
  incoming_->deadline = part_.home().now() + part_.options().body_time_max;
  incoming_->continue_due = head.expects_continue;
  send_continue();
  update_timer();
  return progress;
}

void http_protocol::send_continue() {
  if (incoming_ == nullptr || !incoming_->continue_due || !slots_.empty()) return;
  incoming_->continue_due = false;
  connection_.send(shared_frame::make(frame_kind::raw, {"HTTP/1.1 100 Continue\r\n\r\n"}));
}

void http_protocol::on_request() {
  if (incoming_->reader.parsed().is_websocket_upgrade() && !slots_.empty()) {
    incoming_->deferred = true;
    return;
  }
  dispatch();
}

void http_protocol::dispatch() {
  const auto handler = std::move(incoming_->handler);
  auto complete = incoming_->reader.take();
  incoming_.reset();
  part_.count_request();

  slot due;
  due.head_only = complete->method == method::head;
  due.close = !complete->keep_alive;
  no_more_requests_ = no_more_requests_ || due.close;
  const auto number = first_number_ + static_cast<std::uint32_t>(slots_.size());
  auto made = std::make_shared<exchange>(*this, number, std::move(complete));
  upgrade_pending_ = made->is_upgrade();
  due.open = made.get();
  slots_.push_back(std::move(due));
  update_timer();
  try {
    handler->on_request(std::move(made));
  } catch (...) {
    part_.home().report_exception();  // the dropped exchange has answered 500
  }
}

void http_protocol::answer(std::uint32_t number, response&& with) {
  const std::uint32_t index = number - first_number_;
  GOSSAMER_CHECK(index < slots_.size());
  slot& answered = slots_[index];
  answered.open = nullptr;
  answered.close = answered.close || with.close || part_.stopping();
  answered.ready = encode(with, context_of(answered));
  upgrade_pending_ = false;
  send_answered();
}

head_context http_protocol::context_of(const slot& answered) const {
  head_context context;
  context.to_head = answered.head_only;
  context.close = answered.close;
  context.keep_alive_s = static_cast<std::uint32_t>(
      std::chrono::duration_cast<seconds>(part_.options().idle_time_max).count());
  context.date = part_.date();
  return context;
}

void http_protocol::send_answered() {
  std::size_t sent = 0;
  bool close = false;
  while (sent < slots_.size() && slots_[sent].open == nullptr && !close) {
    connection_.send(slots_[sent].ready.head);
    connection_.send(slots_[sent].ready.body);
    close = slots_[sent].close;
    ++sent;
  }
  slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(sent));
  first_number_ += static_cast<std::uint32_t>(sent);
  if (close) {
    no_more_requests_ = true;
    connection_.close_after_flush(flush_time_max);
    incoming_.reset();
    return abort_open();
  }
  if (slots_.empty() && slots_.capacity() > 1) slots_.shrink_to_fit();
  send_continue();
  update_timer();
  if (slots_.empty() && incoming_ != nullptr && incoming_->deferred) return dispatch();
  update_reading();
}

void http_protocol::refuse(refusal why) {
  part_.count(why);
  part_.options().log.debug("http request refused peer={} reason={}", connection_.peer().ip(),
                            text(why));
  no_more_requests_ = true;
  incoming_.reset();
  response refused;
  refused.status = status_of(why);
  slot due;
  due.close = true;
  due.ready = encode(refused, context_of(due));
  slots_.push_back(std::move(due));
  send_answered();
}

// Nobody will answer any more. Off the lane (the lanes have ended) there is nobody to tell.
void http_protocol::dropped(std::uint32_t number) {
  if (part_.home().is_current()) return answer(number, plain_response(500));
  slots_[number - first_number_].open = nullptr;
}

connection* http_protocol::hijack(std::uint32_t number) {
  if (slots_.size() != 1 || number != first_number_ || !connection_.open()) return nullptr;
  slots_.clear();
  hijacked_ = true;
  upgrade_pending_ = false;
  connection_.cancel_wake();
  connection_.resume_reading();
  return &connection_;
}

void http_protocol::on_closed(error_code) {
  abort_open();
}

void http_protocol::on_half_closed() {
  no_more_requests_ = true;
  abort_open();
}

void http_protocol::abort_open(bool tell) {
  const auto dropped = std::exchange(slots_, {});
  first_number_ += static_cast<std::uint32_t>(dropped.size());
  for (const slot& due : dropped) {
    if (due.open != nullptr) due.open->client_gone(tell);
  }
}

void http_protocol::on_drained() {
  if (hijacked_) return;
  update_timer();
  update_reading();
}

void http_protocol::on_stopping() {
  if (slots_.empty() && incoming_ == nullptr) {
    connection_.close_after_flush(flush_time_max, errc::server_stopping);
  }
}

bool http_protocol::may_read() const {
  const bool waits_for_earlier = incoming_ != nullptr && incoming_->deferred;
  return !upgrade_pending_ && !waits_for_earlier && slots_.size() < part_.options().pipeline_max &&
         connection_.queued_bytes() < limits::send_hard_bytes;
}

// After the last request reading goes on, to see the client leave.
void http_protocol::update_reading() {
  if (no_more_requests_ || may_read()) {
    connection_.resume_reading();
  } else {
    connection_.pause_reading();
  }
}

void http_protocol::update_timer() {
  const auto now = part_.home().now();
  const auto& options = part_.options();
  if (connection_.queued_bytes() != 0) {
    connection_.wake_at(connection_.last_progress() + options.write_stall_max);
  } else if (incoming_ != nullptr && !incoming_->deferred) {
    connection_.wake_at(incoming_->deadline);
  } else if (slots_.empty()) {
    connection_.wake_at(now + (first_number_ == 0 ? options.head_time_max : options.idle_time_max));
  } else {
    connection_.cancel_wake();
  }
}

void http_protocol::on_timer(time_point now) {
  if (hijacked_) return;
  if (connection_.queued_bytes() != 0) {
    if (now - connection_.last_progress() < part_.options().write_stall_max) return update_timer();
    return connection_.abort(errc::write_stalled);
  }
  if (incoming_ != nullptr && !incoming_->deferred) {
    return refuse(incoming_->reader.in_body() ? refusal::body_timeout : refusal::head_timeout);
  }
  if (!slots_.empty()) return;
  part_.count_idle();
  connection_.close_after_flush(flush_time_max, errc::timeout);
}

}  // namespace gossamer::http
