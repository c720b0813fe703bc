// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { collectDefaultMetrics, Registry } from "prom-client";
import type { Logger } from "../log/logger.js";
import { formatAddress, parseAddress } from "../rpc/address.js";
import { bindError } from "../rpc/bind-error.js";

/** A registry of the Prometheus client; register counters and the like with `registers: [metrics]`. */
export type Metrics = Registry;

/** A registry that already has the process metrics (memory, CPU, event loop). */
export function createMetrics(labels: Readonly<Record<string, string>> = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  collectDefaultMetrics({ register: registry });
  return registry;
}

export interface MetricsServer extends AsyncDisposable {
  readonly address: string;
  close(): Promise<void>;
}

export interface MetricsServerOptions {
  /** `host:port`. There is no authentication: bind it where only the monitoring reaches it. */
  address: string;
  metrics: Metrics;
  log?: Logger;
}

/** Serves `GET /metrics` in Prometheus text format. Throws `ADDRESS_IN_USE`, `ADDRESS_NOT_AVAILABLE`. */
export async function serveMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, port } = parseAddress(options.address);
  const server = createServer((request, response) => {
    answer(request, response, options.metrics).catch((error: unknown) => {
      options.log?.error({ err: error }, "metrics could not be collected");
      response.writeHead(500).end();
    });
  });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw bindError(options.address, cause);
  }
  const bound = server.address();
  const actualPort = bound !== null && typeof bound === "object" ? bound.port : port;
  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
  return {
    address: formatAddress({ host, port: actualPort }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics,
): Promise<void> {
  if (request.url?.split("?")[0] !== "/metrics") {
    response.writeHead(404, { "content-type": "text/plain" }).end("see /metrics\n");
  } else if (request.method !== "GET") {
    response.writeHead(405, { allow: "GET" }).end();
  } else {
    const text = await metrics.metrics();
    response.writeHead(200, { "content-type": metrics.contentType }).end(text);
  }
}
