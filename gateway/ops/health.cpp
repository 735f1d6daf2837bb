#include "gateway/ops/health.hpp"

#include "gateway/ops/sources.hpp"
#include "runtime/base/utf8.hpp"
#include "runtime/lanes/lane_report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace gossamer::ops {

health check_health(const sources& of) {
  return {of.draining(), hanging_lanes(of.lanes, of.lane_hangs_after)};
}

std::string health::json() const {
  if (hanging.empty()) return draining ? R"({"status":"draining"})" : R"({"status":"ok"})";
  boost::json::array lanes;
  for (const auto& one : hanging) {
    const auto held = std::chrono::duration_cast<milliseconds>(one.held).count();
    lanes.push_back(boost::json::object{{"lane", static_cast<unsigned>(one.index)},
                                        {"handler", repaired_utf8(one.handler)},
                                        {"held_ms", held}});
  }
  return boost::json::serialize(boost::json::object{{"status", "hanging"}, {"lanes", lanes}});
}

}  // namespace gossamer::ops
