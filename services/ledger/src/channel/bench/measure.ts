// SPDX-License-Identifier: Apache-2.0
// What channels cost on this machine: `node services/ledger/dist/channel/bench/measure.js`.
import { TestNetwork, until } from "../testing/network.js";
import { handshakeCosts, twoEnds } from "../testing/sessions.js";

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

/** User and system time of this process. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}

function measureHandshake(rounds: number): void {
  const { lower, higher } = twoEnds();
  const costs = Array.from({ length: rounds }, () => handshakeCosts(lower, higher, cpuMs));
  const initiator = median(costs.map((cost) => cost.initiator));
  const responder = median(costs.map((cost) => cost.responder));
  print(
    `key exchange: initiator ${initiator.toFixed(2)} ms CPU, responder ${responder.toFixed(2)}`,
  );
}

async function measureRequests(concurrency: number, bytes: number, count: number): Promise<void> {
  await using network = new TestNetwork();
  const [a, b] = await network.pair();
  b.hub.onRequest("echo", async (_peerId, payload) => payload);
  const payload = new Uint8Array(bytes);
  for (let index = 0; index < 500; index += 1) await a.hub.request(b.nodeId, "echo", payload);
  const times: number[] = [];
  let left = count;
  const [startedAt, cpuBefore] = [performance.now(), cpuMs()];
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const askedAt = performance.now();
      await a.hub.request(b.nodeId, "echo", payload);
      times.push(performance.now() - askedAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  print(
    `requests of ${bytes} B, ${concurrency} at a time: ${Math.round(count / seconds)}/s, ` +
      `median ${median(times).toFixed(3)} ms, ` +
      `${((1000 * (cpuMs() - cpuBefore)) / count).toFixed(0)} µs CPU for both nodes`,
  );
}

async function measureConsensus(bytes: number, count: number): Promise<void> {
  await using network = new TestNetwork();
  const [a, b] = await network.pair();
  let received = 0;
  b.hub.onConsensus(() => {
    received += 1;
  });
  const [header, entries] = [new Uint8Array(60), new Uint8Array(bytes)];
  await a.hub.send(b.nodeId, header, entries);
  const startedAt = performance.now();
  const underWay: Promise<void>[] = [];
  const atOnce = Math.max(2, Math.min(64, Math.floor(16_000_000 / bytes)));
  for (let index = 0; index < count; index += 1) {
    underWay.push(a.hub.send(b.nodeId, header, entries));
    if (underWay.length >= atOnce) await underWay.shift();
  }
  await until(() => received > count, 60_000);
  const seconds = (performance.now() - startedAt) / 1000;
  print(
    `consensus messages of ${bytes} B: ${Math.round(count / seconds)}/s, ` +
      `${Math.round((count * bytes) / seconds / 1e6)} MB/s`,
  );
}

measureHandshake(41);
await measureRequests(1, 300, 2_000);
await measureRequests(64, 300, 20_000);
await measureRequests(64, 4_000, 5_000);
await measureConsensus(1_000, 20_000);
await measureConsensus(100_000, 2_000);
await measureConsensus(8_000_000, 40);
