// `/healthz` and `/metrics` as routes.
#pragma once

#include "gateway/http/router.hpp"
#include "gateway/ops/metrics.hpp"

#include <memory>
#include <string>

namespace gossamer::ops {

/// GET (and HEAD) of `<prefix>/healthz` and `<prefix>/metrics`.
void add_routes(http::router& to, const std::string& prefix,
                const std::shared_ptr<const metrics>& what);

}  // namespace gossamer::ops
