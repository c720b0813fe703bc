// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { Counter, Histogram, type Registry } from "prom-client";

/** Counts finished calls. `startedAt` is what {@link CallRecorder.start} returned. */
export interface CallRecorder {
  start(): number;
  finish(method: string, code: number, startedAt: number): void;
}

/** From a local read (well below a millisecond) to a slow governance call. */
const SECONDS_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Registers the server's call metrics: one counter by method and code, one duration by method. */
export function createCallRecorder(registry: Registry): CallRecorder {
  const handled = new Counter({
    name: "ccf_rpc_server_handled_total",
    help: "Calls answered, by method and gRPC status.",
    labelNames: ["method", "code"],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "ccf_rpc_server_handling_seconds",
    help: "Time from the first byte of a call to its status, by method.",
    labelNames: ["method"],
    buckets: SECONDS_BUCKETS,
    registers: [registry],
  });
  return {
    start: () => performance.now(),
    finish(method, code, startedAt) {
      handled.inc({ method, code: status[code] ?? "UNKNOWN" });
      seconds.observe({ method }, (performance.now() - startedAt) / 1000);
    },
  };
}
