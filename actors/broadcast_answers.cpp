// What many sockets answer: emits with acks, and fetch_sockets.
#include "actors/client_session.hpp"
#include "actors/dispatch.hpp"
#include "actors/selection_job.hpp"

#include <boost/json/serialize.hpp>

#include <mutex>

namespace gossamer::detail {
namespace {

constexpr std::size_t delivery_cost = 256;

// Collects answers from all lanes; calls `done` once when nothing is left to wait for.
class answer_collector {
 public:
  answer_collector(std::uint32_t lanes, broadcast_ack_handler done)
      : waiting_(lanes), done_(std::move(done)) {}

  void expect_one() { change(+1, nullptr, true); }
  void answered(args values) { change(-1, &values, true); }
  void missing(bool counts) { change(-1, nullptr, !counts); }
  void lane_done() { change(-1, nullptr, true); }

 private:
  void change(int by, args* values, bool complete) {
    {
      const std::lock_guard lock(mutex_);
      if (values != nullptr) answers_.responses.push_back(std::move(*values));
      if (!complete) answers_.complete = false;
      waiting_ += by;
      if (waiting_ != 0) return;
    }
    where_.run([done = std::move(done_), answers = std::move(answers_)]() mutable {
      done(std::move(answers));
    });
  }
  std::mutex mutex_;
  std::int64_t waiting_;  // lanes that have not sent yet, and clients that have not answered yet
  broadcast_answers answers_;
  broadcast_ack_handler done_;
  resumption where_;
};

void fan_out_with_ack(const selection_job& job, lane_index here, std::uint32_t id,
                      const socketio::frame_set& frames,
                      const std::shared_ptr<answer_collector>& collector) {
  const auto limit = job.flags.timeout.value_or(milliseconds(1));
  tell_actors(job, here, frames);  // who do not answer
  for (const auto& ref : refs_of(job, here)) {
    auto* socket = job.nsp.server().find(ref);
    if (socket == nullptr || socket->state != socket_state::connected) continue;
    collector->expect_one();
    const auto failed = expect_ack(*socket, id, limit, [collector](result<args> answer) {
      if (answer) return collector->answered(std::move(*answer));
      // Who left will not answer and is not waited for; who is late makes the answers incomplete.
      collector->missing(answer.error() == errc::ack_timeout);
    });
    if (failed) {
      collector->missing(true);
      continue;
    }
    (void)emit_unkept(ref, frames, job.flags);
  }
  collector->lane_done();
}

// False if nobody is there to answer: `done` is still to be called.
bool ask_all(const nsp_ref& nsp, const selection& to, std::uint32_t id, socketio::frame_set frames,
             broadcast_ack_handler& done) {
  const nsp_use in(nsp);
  if (!in) return false;
  const auto job = std::make_shared<const selection_job>(*nsp.core, to);
  const auto mask = job->lanes();
  if (mask == 0) return false;
  const auto collector = std::make_shared<answer_collector>(
      static_cast<std::uint32_t>(std::popcount(mask)), std::move(done));
  if (!to.flags.compress) frames.set_plain_only();
  const auto cost = delivery_cost + frames.size_bytes();
  (void)on_lanes(
      job, mask, cost, post_kind::data,
      [job, id, frames = std::move(frames), collector](lane_index here) {
        fan_out_with_ack(*job, here, id, frames, collector);
      },
      [&](lane_index) { collector->missing(true); });
  return true;
}

struct fetch_state {
  std::mutex mutex;
  std::vector<socket_snapshot> found;
  int lanes_left = 0;
  fetch_handler done;
  resumption where;

  void lane_done(std::vector<socket_snapshot> here) {
    {
      const std::lock_guard lock(mutex);
      for (auto& one : here) found.push_back(std::move(one));
      if (--lanes_left != 0) return;
    }
    where.run([done = std::move(done), all = std::move(found)]() mutable { done(std::move(all)); });
  }
};

std::vector<socket_snapshot> snapshots(const selection_job& job, lane_index here) {
  std::vector<socket_snapshot> found;
  job.each(here, [&](socket_core& socket) {
    found.push_back({socket.ref(), rooms_of(socket.ref()),
                     socket.extras == nullptr ? "{}" : boost::json::serialize(socket.extras->data),
                     handshake_of(socket.ref())});
  });
  return found;
}

// As ask_all.
bool fetch_all(const nsp_ref& nsp, const selection& which, fetch_handler& done) {
  const nsp_use in(nsp);
  if (!in) return false;
  const auto job = std::make_shared<const selection_job>(*nsp.core, which);
  const auto mask = job->lanes();
  if (mask == 0) return false;
  const auto state = std::make_shared<fetch_state>();
  state->lanes_left = std::popcount(mask);
  state->done = std::move(done);
  (void)on_lanes(
      job, mask, delivery_cost, post_kind::control,
      [job, state](lane_index here) { state->lane_done(snapshots(*job, here)); },
      [&](lane_index) { state->lane_done({}); });
  return true;
}

}  // namespace

void broadcast_with_ack(const nsp_ref& nsp, const selection& to, std::uint32_t id,
                        socketio::frame_set frames, broadcast_ack_handler done) {
  if (!ask_all(nsp, to, id, std::move(frames), done)) done({});
}

void fetch_sockets(const nsp_ref& nsp, const selection& which, fetch_handler done) {
  if (!fetch_all(nsp, which, done)) done({});
}

}  // namespace gossamer::detail
