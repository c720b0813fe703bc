// SPDX-License-Identifier: Apache-2.0
import { type MessagePort, workerData } from "node:worker_threads";
import type { Job, WorkerMessage, WorkerStart } from "../protocol.js";
import { BridgeClient } from "./bridge-client.js";
import { Evaluator } from "./evaluator.js";

/** The thread in which untrusted JavaScript runs. It evaluates one job after the other. */
async function main({ port, shared, hostApi }: WorkerStart): Promise<void> {
  const bridge = new BridgeClient(port, shared);
  const evaluator = await Evaluator.create(hostApi, bridge);
  let queue = Promise.resolve();
  port.on("message", (job: Job) => {
    queue = queue.then(async () => {
      await evaluator.ready();
      const outcomes = evaluator.run(job, (begun) => Atomics.store(shared, 1, begun));
      send(port, { kind: "done", outcomes });
    });
  });
  send(port, { kind: "ready" });
}

function send(port: MessagePort, message: WorkerMessage): void {
  port.postMessage(message);
}

const start = workerData as WorkerStart;
main(start).catch((error: unknown) => {
  send(start.port, { kind: "failedToStart", message: String(error) });
});
