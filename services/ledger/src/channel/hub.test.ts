// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAppError } from "@consortium/kit";
import { defineErrors } from "@consortium/kit/errors";
import { setTimeout as sleep } from "node:timers/promises";
import { WireTap } from "./testing/wire-tap.js";
import { TestNetwork, until } from "./testing/network.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);

describe("two hubs", () => {
  it("answer each other's requests over one stream", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    b.hub.onRequest("echo", async (peerId, payload) => bytes(`${peerId} ${text(payload)}`));
    a.hub.onRequest("twice", async (_peerId, payload) => bytes(text(payload).repeat(2)));
    assert.equal(text(await a.hub.request(b.nodeId, "echo", bytes("hello"))), `${a.nodeId} hello`);
    await until(() => b.hub.states()[0]?.state === "ESTABLISHED");
    assert.equal(text(await b.hub.request(a.nodeId, "twice", bytes("ab"))), "abab");
    assert.deepEqual(a.hub.states(), [
      { peerId: b.nodeId, state: "ESTABLISHED", openedBy: "us", keyNumber: 1 },
    ]);
    assert.deepEqual(b.hub.states(), [
      { peerId: a.nodeId, state: "ESTABLISHED", openedBy: "peer", keyNumber: 1 },
    ]);
  });

  it("answer many requests at a time, each with its own answer", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair({ limits: { waitingRequestsMax: 1000 } });
    b.hub.onRequest("echo", async (_peerId, payload) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      return payload;
    });
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, index) => a.hub.request(b.nodeId, "echo", bytes(`${index}`))),
    );
    assert.deepEqual(
      answers.map(text),
      Array.from({ length: 500 }, (_, index) => `${index}`),
    );
  });

  it("tell a handler's error with code, message, details and hint", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    const errors = defineErrors({ TRANSACTION_CONFLICT: "aborted" });
    b.hub.onRequest("submit", async () => {
      throw errors("TRANSACTION_CONFLICT", "it has changed", {
        details: { map: "public:x" },
        hint: "execute again",
        retryAfterMs: 30,
      });
    });
    await assert.rejects(a.hub.request(b.nodeId, "submit", bytes("")), (error) => {
      assert.ok(isAppError(error, "TRANSACTION_CONFLICT"));
      assert.deepEqual(
        [error.category, error.message, error.details, error.hint, error.retryAfterMs],
        ["aborted", "it has changed", { map: "public:x" }, "execute again", 30],
      );
      return true;
    });
  });

  it("carry consensus messages in order, large ones too", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    const received: [string, number, number][] = [];
    b.hub.onConsensus(async (peerId, header, entries) => {
      assert.equal(peerId, a.nodeId);
      received.push([text(header), entries.length, entries.at(-1) ?? 0]);
    });
    for (let index = 0; index < 20; index += 1) {
      const entries = new Uint8Array(index === 7 ? 40_000_000 : index * 1000).fill(index);
      await a.hub.send(b.nodeId, bytes(`header ${index}`), entries);
    }
    await until(() => received.length === 20);
    assert.deepEqual(
      received,
      Array.from({ length: 20 }, (_, index) => [
        `header ${index}`,
        index === 7 ? 40_000_000 : index * 1000,
        index,
      ]),
    );
  });
});

describe("a channel", () => {
  it("is one, when both nodes begin at once", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    for (const { hub } of [a, b]) hub.onRequest("echo", async (_peerId, payload) => payload);
    const [one, other] = await Promise.all([
      a.hub.request(b.nodeId, "echo", bytes("from a")),
      b.hub.request(a.nodeId, "echo", bytes("from b")),
    ]);
    assert.deepEqual([text(one), text(other)], ["from a", "from b"]);
  });

  it("comes back after either side has restarted", async () => {
    await using network = new TestNetwork();
    const [lower, higher] = network.service.pair();
    for (const [first, second] of [
      [lower, higher],
      [higher, lower],
    ] as const) {
      await using a = await disposable(network, first);
      const b = await network.start(second);
      b.hub.onRequest("echo", async (_peerId, payload) => payload);
      await a.hub.request(b.nodeId, "echo", bytes("1"));
      await b.stop();
      await until(() => a.hub.states()[0]?.state === "INACTIVE");
      await assert.rejects(a.hub.request(b.nodeId, "echo", bytes("2")), (error) =>
        isAppError(error, "CHANNEL_UNAVAILABLE"),
      );
      await using again = await disposable(network, second);
      again.hub.onRequest("echo", async (_peerId, payload) => payload);
      assert.equal(text(await a.hub.request(b.nodeId, "echo", bytes("3"))), "3");
    }
  });

  it("is one or two, and works, however the beginnings of both nodes cross", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    const taps = await Promise.all(
      [a, b].map(async (node) => {
        const tap = await WireTap.start(() => node.server.address);
        network.addresses.set(node.nodeId, tap.address);
        return tap;
      }),
    );
    for (const { hub } of [a, b]) hub.onRequest("echo", async (_peerId, payload) => payload);
    for (let round = 0; round < 12; round += 1) {
      for (const tap of taps) tap.delayMs = (round * 7) % 20;
      const answers = await Promise.all([
        a.hub.request(b.nodeId, "echo", bytes("from a")),
        sleep((round * 5) % 30).then(() => b.hub.request(a.nodeId, "echo", bytes("from b"))),
      ]);
      assert.deepEqual(answers.map(text), ["from a", "from b"]);
      for (const tap of taps) tap.delayMs = 0;
      network.trusted.delete(a.nodeId);
      b.hub.recheck();
      await until(() => a.hub.states().every(({ state }) => state === "INACTIVE"));
      network.trusted.add(a.nodeId);
    }
    for (const tap of taps) await tap[Symbol.asyncDispose]();
  });

  it("is refused while nobody can tell whether the peer is trusted", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair({
      trust: () => {
        throw new Error("the state cannot be read");
      },
    });
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      await assert.rejects(one.hub.request(other.nodeId, "echo", bytes("")), (error) =>
        isAppError(error, "NODE_NOT_TRUSTED"),
      );
    }
  });

  it("is cut when the trust in the peer ends, and not made again", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    b.hub.onRequest("echo", async (_peerId, payload) => payload);
    await a.hub.request(b.nodeId, "echo", bytes("1"));
    network.trusted.delete(a.nodeId);
    b.hub.recheck();
    await until(() => a.hub.states()[0]?.state === "INACTIVE");
    await assert.rejects(a.hub.request(b.nodeId, "echo", bytes("2")), (error) => {
      assert.ok(isAppError(error, "CHANNEL_UNAVAILABLE") && isAppError(error.cause));
      return error.cause.code === "NODE_NOT_TRUSTED";
    });
    await assert.rejects(b.hub.request(a.nodeId, "echo", bytes("3")), (error) =>
      isAppError(error, "NODE_NOT_TRUSTED"),
    );
  });
});

async function disposable(
  network: TestNetwork,
  node: Parameters<TestNetwork["start"]>[0],
): Promise<Awaited<ReturnType<TestNetwork["start"]>> & AsyncDisposable> {
  const running = await network.start(node);
  return Object.assign(running, { [Symbol.asyncDispose]: () => running.stop() });
}
