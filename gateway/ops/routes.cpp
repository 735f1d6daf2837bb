#include "gateway/ops/routes.hpp"

#include "gateway/ops/health.hpp"

namespace gossamer::ops {

void add_routes(http::router& to, const std::string& prefix,
                const std::shared_ptr<const metrics>& what) {
  to.get(prefix + "/healthz", [what](const auto&, auto& response) {
    const auto now = check_health(what->from());
    response.status(now.http_status()).header("Cache-Control", "no-store").json(now.json());
  });
  to.get(prefix + "/metrics", [what](const auto&, auto& response) {
    response.type(metrics_content_type).send(what->text());
  });
}

}  // namespace gossamer::ops
