// What a lane knows about its handlers: names, time held, exceptions.
#include "runtime/base/check.hpp"
#include "runtime/lanes/lane_core.hpp"

#include <exception>

namespace gossamer {

namespace {

long long in_ms(duration d) {
  return std::chrono::duration_cast<milliseconds>(d).count();
}

// The text of the exception that is being handled.
std::string what_failed() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "not a std::exception";
  }
}

}  // namespace

void lane_core::enter(std::string_view name) noexcept {
  if (depth < nesting_max) {
    auto& top = frames[depth];
    top = {handler_name(name), clock::now()};
    mark.set(top.name);
    if (!mark.busy()) mark.set_busy_since(top.since);  // in an Asio handler, before the turn
  }
  ++depth;
}

void lane_core::leave() noexcept {
  GOSSAMER_CHECK(depth != 0);
  if (--depth >= nesting_max) return;
  const auto& top = frames[depth];
  last_name = top.name;
  if (failed_name.empty() && std::uncaught_exceptions() != 0) failed_name = top.name;
  const auto held = clock::now() - top.since;
  if (held >= slow_turn) report_slow(held, top.name);
  mark.set(depth == 0 ? handler_name{} : frames[depth - 1].name);
}

// Once per turn: the innermost handler that was too slow, or else the turn as a whole.
void lane_core::report_slow(duration held, const handler_name& name) noexcept {
  if (slow_reported) return;
  slow_reported = true;
  slow_turns.add();
  try {
    slow_names.add(name.text());
    if (name.empty()) {
      log.warn("{} was held for {} ms, no handler named", label, in_ms(held));
    } else {
      log.warn("handler '{}' held {} for {} ms", name.text(), label, in_ms(held));
    }
  } catch (...) {  // no memory for a log line: the counter has it
  }
}

void lane_core::report_exception() noexcept {
  exceptions.fetch_add(1, std::memory_order_relaxed);
  handler_name name;
  if (self.is_current()) {
    name = std::exchange(failed_name, handler_name{});
    if (name.empty() && depth != 0 && depth <= nesting_max) name = frames[depth - 1].name;
  }
  try {
    const std::string_view shown = name.empty() ? std::string_view("unnamed") : name.text();
    log.error("handler '{}' on {} threw: {}", shown, label, what_failed());
  } catch (...) {  // no memory for a log line: the counter has it
  }
}

}  // namespace gossamer
