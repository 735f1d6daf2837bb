#include "tests/unit/actors/fake_clients.hpp"

#include "actors/callback_scope.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace gossamer::test {

world::world(std::size_t lane_count, detail::socketio_options options) {
  const logger log(log_level::debug, [this](log_level, std::string_view line) {
    const std::lock_guard lock(mutex_);
    log_.emplace_back(line);
  });
  lane_options settings;
  settings.lanes = lane_count;
  settings.log = log;
  runtime_ = detail::own_runtime(std::move(settings));
  core_ = std::make_unique<detail::server_core>(lanes(), options, log);
}

world::~world() {
  if (started_) {
    for (const auto& one : clients_) one->drops();
    settle();
    core_->stopped();
    EXPECT_TRUE(runtime_->stop(milliseconds(10'000), [this] { core_->close(); }));
  }
  clients_.clear();
}

void world::start() {
  core_->started();
  started_ = true;
}

fake_client& world::open(std::size_t lane) {
  clients_.push_back(std::make_unique<fake_client>(*this, lanes().at(lane)));
  auto& made = *clients_.back();
  on_lane(lane, [&] { made.begin(); });
  return made;
}

fake_client& world::open_old(std::size_t lane, std::string_view id) {
  auto& home = lanes().at(lane);
  seeded_random random(clients_.size());
  const auto own = session_id::parse(id);
  const auto name = own ? *own : session_id(random, {}, home.index());
  clients_.push_back(std::make_unique<fake_client>(*this, home, name));
  auto& made = *clients_.back();
  on_lane(lane, [&] { made.begin(); });
  return made;
}

void world::on_lane(std::size_t index, const std::function<void()>& what, bool as_callback) {
  std::promise<void> done;
  auto& home = lanes().at(index);
  ASSERT_EQ(home.post([&] {
    if (as_callback) {
      const detail::callback_scope scope(home);
      what();
    } else {
      what();
    }
    done.set_value();
  }),
            post_result::accepted);
  done.get_future().wait();
}

void world::settle() {
  for (int round = 0; round < 4; ++round) {
    for (std::size_t i = 0; i < lanes().size(); ++i) on_lane(i, [] {});
  }
}

std::vector<std::string> world::log_lines() {
  const std::lock_guard lock(mutex_);
  return log_;
}

void fake_client::begin() {
  kernel_random random;
  id_ = session_id(random, {}, home_.index());
  client_ = world_.core().on_session(*this);
}

void fake_client::says(const std::string& message) {
  world_.on_lane(static_cast<std::size_t>(home_.index()), [&] {
    if (client_ != nullptr && !reason_) client_->on_text(message);
  });
}

void fake_client::says_binary(const std::string& content) {
  world_.on_lane(static_cast<std::size_t>(home_.index()), [&] {
    if (client_ != nullptr && !reason_) client_->on_binary(bytes(content));
  });
}

void fake_client::drops(close_reason why) {
  world_.on_lane(static_cast<std::size_t>(home_.index()), [&] {
    if (client_ == nullptr) return;
    if (!reason_) reason_ = why;
    end();
  });
}

std::string fake_client::joins(const std::string& nsp) {
  forget_received();
  says(nsp == "/" ? "0" : "0" + nsp + ",");
  world_.settle();
  const std::string start = "40" + (nsp == "/" ? "" : nsp + ",") + "{\"sid\":\"";
  const std::lock_guard lock(mutex_);  // broadcasts to the new socket arrive already
  const auto found =
      std::ranges::find_if(received_, [&](const auto& one) { return one.starts_with(start); });
  if (found == received_.end()) {
    ADD_FAILURE() << "not admitted to " << nsp;
    return {};
  }
  auto id = found->substr(start.size(), short_id::length);
  received_.erase(found);
  return id;
}

std::vector<std::string> fake_client::received() {
  const std::lock_guard lock(mutex_);
  return received_;
}

void fake_client::forget_received() {
  const std::lock_guard lock(mutex_);
  received_.clear();
}

std::optional<close_reason> fake_client::closed() {
  std::optional<close_reason> why;
  world_.on_lane(static_cast<std::size_t>(home_.index()), [&] { why = reason_; });
  return why;
}

}  // namespace gossamer::test
