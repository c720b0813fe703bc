// SPDX-License-Identifier: Apache-2.0
export {
  createMetrics,
  type Metrics,
  type MetricsServer,
  type MetricsServerOptions,
  serveMetrics,
} from "./metrics.js";
