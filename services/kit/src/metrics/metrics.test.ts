// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Counter } from "prom-client";
import { isAppError } from "../errors/app-error.js";
import { createMetrics, serveMetrics } from "./metrics.js";

describe("the metrics endpoint", () => {
  it("answers GET /metrics in Prometheus text, and nothing else", async () => {
    const metrics = createMetrics({ node: "n0" });
    new Counter({ name: "ccf_test_things_total", help: "Things.", registers: [metrics] }).inc(3);
    await using server = await serveMetrics({ address: "127.0.0.1:0", metrics });
    const base = `http://${server.address}`;
    const answer = await fetch(`${base}/metrics?x=1`);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/plain/);
    const text = await answer.text();
    assert.match(text, /^ccf_test_things_total\{node="n0"\} 3$/m);
    assert.match(text, /^process_resident_memory_bytes\{node="n0"\} \d+$/m);
    assert.equal((await fetch(`${base}/`)).status, 404);
    assert.equal((await fetch(`${base}/metrics`, { method: "POST" })).status, 405);
  });

  it("reports an address that is in use, and frees its own when closed", async () => {
    const metrics = createMetrics();
    const server = await serveMetrics({ address: "127.0.0.1:0", metrics });
    const { address } = server;
    await assert.rejects(serveMetrics({ address, metrics }), (error) =>
      isAppError(error, "ADDRESS_IN_USE"),
    );
    await server.close();
    await (await serveMetrics({ address, metrics })).close();
  });

  it("answers 500 when a metric cannot be collected, and lives on", async () => {
    const metrics = createMetrics();
    let broken = true;
    new Counter({
      name: "ccf_test_broken_total",
      help: "Breaks.",
      registers: [metrics],
      collect() {
        if (broken) throw new Error("no");
      },
    });
    await using server = await serveMetrics({ address: "127.0.0.1:0", metrics });
    assert.equal((await fetch(`http://${server.address}/metrics`)).status, 500);
    broken = false;
    assert.equal((await fetch(`http://${server.address}/metrics`)).status, 200);
  });
});
