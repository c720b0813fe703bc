// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sha256 } from "@consortium/crypto-wasm";
import type { EchoSetup } from "./testing/echo-node.js";
import { type RunningNode, TestNetwork, until } from "./testing/network.js";
import { codeOf, TestEnd } from "./testing/sessions.js";
import { RawStream, WireTap } from "./testing/wire-tap.js";
import { encodeOpen, frameBody, plainFrame } from "./frames.js";
import { concat, u64, utf8, WireReader } from "./wire.js";

const text = (value: Uint8Array): string => new TextDecoder().decode(value);

/** Consensus messages with their number as header, and what came of them. */
class Numbered {
  readonly received: number[] = [];

  constructor(at: RunningNode) {
    at.hub.onConsensus((_peerId, header) => {
      this.received.push(new WireReader(header).u64("number"));
    });
  }

  assertAllInOrder(count: number): void {
    assert.deepEqual(
      this.received,
      Array.from({ length: count }, (_, index) => index),
    );
  }
}

/** As many as the receiver keeps up with: the message limits of tests are small. */
async function sendNumbered(
  from: RunningNode,
  to: RunningNode,
  count: number,
  { received }: Numbered,
): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    await until(() => received.length > number - 100);
    await from.hub.send(to.nodeId, u64(number), new Uint8Array(number % 50));
  }
}

async function askMany(from: RunningNode, to: RunningNode, count: number): Promise<void> {
  const ask = async (worker: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      const question = `${worker} ${index}`;
      assert.equal(text(await from.hub.request(to.nodeId, "echo", utf8(question))), question);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, worker) => ask(worker)));
}

function serveEcho(...nodes: RunningNode[]): void {
  for (const { hub } of nodes) hub.onRequest("echo", async (_peerId, payload) => payload);
}

describe("keys are renewed under load, with nothing lost,", () => {
  const cases = [
    ["after so many messages", { messagesPerKeyMax: 2_000 }],
    ["after so much time", { rekeyAfterMs: 100 }],
  ] as const;
  for (const [name, limits] of cases) {
    it(name, async () => {
      await using network = new TestNetwork();
      const [a, b] = await network.pair({ limits });
      serveEcho(a, b);
      const [atA, atB] = [new Numbered(a), new Numbered(b)];
      await a.hub.request(b.nodeId, "echo", utf8("first"));
      await until(() => b.hub.states()[0]?.state === "ESTABLISHED");
      await Promise.all([
        askMany(a, b, 250),
        askMany(b, a, 250),
        sendNumbered(a, b, 1_000, atB),
        sendNumbered(b, a, 1_000, atA),
      ]);
      await until(() => atA.received.length === 1_000 && atB.received.length === 1_000);
      atA.assertAllInOrder(1_000);
      atB.assertAllInOrder(1_000);
      const { keyNumber } = a.hub.states()[0] ?? assert.fail();
      assert.ok(keyNumber >= 3, `keys were agreed on ${keyNumber} times`);
    });
  }
});

describe("a channel", () => {
  it("holds messages back when renewal must wait, and loses none", async () => {
    await using network = new TestNetwork();
    const limits = { messagesPerKeyMax: 64, initiationGapMs: 300, waitingRequestsMax: 100 };
    const [a, b] = await network.pair({ limits });
    serveEcho(b);
    const questions = Array.from({ length: 100 }, (_, index) => `${index}`);
    const answers = await Promise.all(
      questions.map((question) => a.hub.request(b.nodeId, "echo", utf8(question)).then(text)),
    );
    assert.deepEqual(answers, questions);
    assert.ok((a.hub.states()[0]?.keyNumber ?? 0) >= 3);
  });

  it("whose keys are used up and cannot be renewed is given up, and made anew", async () => {
    await using network = new TestNetwork();
    const limits = { messagesPerKeyMax: 32, initiationGapMs: 1_500, stallMs: 100 };
    const [a, b] = await network.pair({ limits });
    serveEcho(b);
    const ask = (): Promise<string> =>
      a.hub.request(b.nodeId, "echo", utf8("x")).then(text, codeOf);
    let outcome = "x";
    for (let index = 0; index < 32 && outcome === "x"; index += 1) outcome = await ask();
    // Lost when it was the answer that was held back.
    assert.match(outcome, /CHANNEL_UNAVAILABLE|CHANNEL_LOST/);
    assert.equal(await ask(), "x");
  });

  it("is closed when nothing is said, and opened again when something is", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair({ limits: { idleCloseMs: 100 } });
    serveEcho(b);
    const states: string[] = [];
    a.hub.onChannel((peerId, state) => {
      assert.equal(peerId, b.nodeId);
      states.push(state);
    });
    await a.hub.request(b.nodeId, "echo", utf8("x"));
    await until(() => a.hub.states()[0]?.state === "INACTIVE");
    await a.hub.request(b.nodeId, "echo", utf8("x"));
    assert.deepEqual(states, ["INITIATED", "ESTABLISHED", "INACTIVE", "INITIATED", "ESTABLISHED"]);
  });

  it("is not idle while an answer is awaited", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair({ limits: { idleCloseMs: 40 } });
    b.hub.onRequest("slow", async () => {
      await sleep(200);
      return utf8("done");
    });
    assert.equal(text(await a.hub.request(b.nodeId, "slow", utf8(""))), "done");
  });

  it("ends for a blacklisted peer, and stays closed while it is on the list", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    serveEcho(a, b);
    await a.hub.request(b.nodeId, "echo", utf8("x"));
    network.blacklist.add(a.nodeId);
    await until(() => b.hub.states().length === 0);
    await assert.rejects(b.hub.request(a.nodeId, "echo", utf8("x")), (error) => {
      return codeOf(error) === "NODE_BLACKLISTED";
    });
    network.blacklist.delete(a.nodeId);
    assert.equal(text(await b.hub.request(a.nodeId, "echo", utf8("again"))), "again");
  });

  it("with renewed certificates goes on, and new ones use them", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    serveEcho(b);
    await a.hub.request(b.nodeId, "echo", utf8("x"));
    const renewed = network.service.node({ privateKeyPem: a.privateKeyPem });
    a.hub.updateCertificate(renewed.certificate);
    await a.hub.request(b.nodeId, "echo", utf8("x"));
    assert.equal(a.hub.states()[0]?.keyNumber, 1);
  });

  it("is replaced when its node comes back on another machine with the same identity", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    serveEcho(b);
    await a.hub.request(b.nodeId, "echo", utf8("x"));
    const copy = await network.start(a);
    assert.equal(text(await copy.hub.request(b.nodeId, "echo", utf8("copy"))), "copy");
    await until(() => a.hub.states()[0]?.state === "INACTIVE");
  });

  it("to a silent stream gives way to the one that the peer opens", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    let deaf = false;
    await using tap = await WireTap.start(() => b.server.address);
    tap.alter = (frame) => (deaf ? [] : [frame.bytes]);
    network.addresses.set(b.nodeId, tap.address);
    serveEcho(a, b);
    await a.hub.request(b.nodeId, "echo", utf8("x"));
    // Nothing comes through any more, and nobody is told. The peer restarts, and calls.
    deaf = true;
    const old = b.hub;
    const again = await network.start(b);
    serveEcho(again);
    await again.hub.request(a.nodeId, "echo", utf8("from the restarted peer"));
    const stuck = a.hub.request(b.nodeId, "echo", utf8("into the void"));
    await assert.rejects(stuck, (error) => codeOf(error) === "CHANNEL_LOST");
    assert.equal(text(await a.hub.request(b.nodeId, "echo", utf8("y"))), "y");
    assert.equal(a.hub.states()[0]?.openedBy, "peer");
    await old.close();
  });
});

describe("requests", () => {
  it("are given up at their deadline, and the peer's handler is told", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    let aborted = false;
    b.hub.onRequest("hang", async (_peerId, _payload, signal) => {
      await once(signal, "abort");
      aborted = true;
      return utf8("");
    });
    serveEcho(b);
    await a.hub.request(b.nodeId, "echo", utf8(""));
    await assert.rejects(
      a.hub.request(b.nodeId, "hang", utf8(""), { deadlineMs: 100 }),
      (error) => codeOf(error) === "CHANNEL_DEADLINE_EXCEEDED",
    );
    await until(() => aborted);
  });

  it("are given up when their signal says so", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    let begun = false;
    let aborted = false;
    b.hub.onRequest("hang", async (_peerId, _payload, signal) => {
      begun = true;
      await once(signal, "abort");
      aborted = true;
      return utf8("");
    });
    const controller = new AbortController();
    const reason = new Error("not wanted any more");
    const answer = a.hub.request(b.nodeId, "hang", utf8(""), { signal: controller.signal });
    await until(() => begun);
    controller.abort(reason);
    await assert.rejects(answer, reason);
    await until(() => aborted);
    await assert.rejects(
      a.hub.request(b.nodeId, "hang", utf8(""), { signal: controller.signal }),
      reason,
    );
  });

  it("of unknown kind, too large, to oneself and to strangers are refused", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    b.hub.onRequest("large", async () => new Uint8Array(5_000_000));
    const refused = async (peerId: string, kind: string, bytes: number): Promise<string> =>
      a.hub.request(peerId, kind, new Uint8Array(bytes)).then(() => "no error", codeOf);
    assert.equal(await refused(b.nodeId, "unheard of", 0), "CHANNEL_KIND_UNKNOWN");
    assert.equal(await refused(b.nodeId, "large", 5_000_000), "CHANNEL_MESSAGE_TOO_LARGE");
    assert.equal(await refused(b.nodeId, "large", 0), "CHANNEL_MESSAGE_TOO_LARGE");
    assert.equal(await refused(a.nodeId, "large", 0), "CHANNEL_WRONG_NODE");
    assert.equal(await refused("c".repeat(64), "large", 0), "NODE_NOT_TRUSTED");
  });

  it("of the largest size go through both ways", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    serveEcho(b);
    const payload = new Uint8Array(4 * 1024 * 1024).fill(7);
    assert.deepEqual(await a.hub.request(b.nodeId, "echo", payload), payload);
  });

  it("of any size go through where they are allowed, though messages stay small", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair({ limits: { requestBytesMax: 30_000_000 } });
    b.hub.onRequest("digest", async (_peerId, payload) => sha256(payload));
    const payload = new Uint8Array(30_000_000).fill(7);
    const answer = await a.hub.request(b.nodeId, "digest", payload);
    assert.deepEqual(answer, sha256(payload));
  });

  it("to a node that cannot be reached fail at once, and safely", async () => {
    await using network = new TestNetwork();
    const a = await network.start();
    const [gone, unknown] = [network.service.node().nodeId, network.service.node().nodeId];
    for (const id of [gone, unknown]) network.trusted.add(id);
    network.addresses.set(gone, "127.0.0.1:1");
    for (const id of [gone, unknown]) {
      await assert.rejects(
        a.hub.request(id, "echo", utf8("")),
        (error) => codeOf(error) === "CHANNEL_UNAVAILABLE",
      );
    }
  });

  it("that are not sent before their deadline fail safely", async () => {
    await using network = new TestNetwork();
    const a = await network.start();
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { nodeId } = network.service.node();
    network.trusted.add(nodeId);
    network.addresses.set(nodeId, `127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const outcome = a.hub.request(nodeId, "echo", utf8(""), { deadlineMs: 50 }).catch(codeOf);
    assert.equal(await outcome, "CHANNEL_UNAVAILABLE");
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it("wait for the channel, ten of them; more are refused", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    serveEcho(b);
    const answers = await Promise.all(
      Array.from({ length: 14 }, () =>
        a.hub.request(b.nodeId, "echo", utf8("x")).then(text, codeOf),
      ),
    );
    assert.deepEqual(answers, [
      ...Array<string>(10).fill("x"),
      ...Array<string>(4).fill("CHANNEL_BUSY"),
    ]);
  });

  it("beyond what is taken at a time are refused", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair({ limits: { requestsInFlightMax: 5 } });
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    b.hub.onRequest("hang", async () => {
      await released;
      return utf8("done");
    });
    serveEcho(b);
    await a.hub.request(b.nodeId, "echo", utf8(""));
    const answers = Array.from({ length: 7 }, () =>
      a.hub.request(b.nodeId, "hang", utf8("")).then(text, codeOf),
    );
    await Promise.all(answers.slice(5));
    release();
    assert.deepEqual(await Promise.all(answers), [
      ...Array<string>(5).fill("done"),
      ...Array<string>(2).fill("CHANNEL_BUSY"),
    ]);
  });

  it("that wait are told when the hub closes, and so are later ones", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    b.hub.onRequest("hang", () => new Promise(() => undefined));
    const hanging = a.hub.request(b.nodeId, "hang", utf8("")).catch(codeOf);
    await until(() => a.hub.states()[0]?.state === "ESTABLISHED");
    await sleep(20);
    await a.hub.close();
    assert.equal(await hanging, "CHANNEL_LOST");
    assert.equal(await a.hub.request(b.nodeId, "hang", utf8("")).catch(codeOf), "CHANNEL_CLOSED");
  });
});

describe("consensus messages", () => {
  it("wait for the channel, one of them; more are refused", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    const atB = new Numbered(b);
    const outcomes = await Promise.all(
      [0, 1, 2].map((number) =>
        a.hub.send(b.nodeId, u64(number), utf8("entries")).then(() => "sent", codeOf),
      ),
    );
    assert.deepEqual(outcomes, ["sent", "CHANNEL_BUSY", "CHANNEL_BUSY"]);
    await until(() => atB.received.length === 1);
  });

  it("are sent no faster than the peer handles them", async () => {
    await using network = new TestNetwork();
    const limits = { consensusWindowBytes: 1_000_000, consensusQueueBytesMax: 4_000_000 };
    const [a, b] = await network.pair({ limits });
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let handled = 0;
    b.hub.onConsensus(async () => {
      await released;
      handled += 1;
    });
    serveEcho(b);
    await a.hub.request(b.nodeId, "echo", utf8(""));
    let sent = 0;
    const outcomes = Array.from({ length: 60 }, () =>
      a.hub.send(b.nodeId, utf8("header"), new Uint8Array(100_000)).then(() => {
        sent += 1;
        return "sent";
      }, codeOf),
    );
    await until(() => sent >= 10);
    await sleep(100);
    // A window's worth has left, a queue's worth waits, the others were refused at once.
    assert.ok(sent <= 11, `${sent} were sent`);
    // Nothing else has to wait for them.
    assert.equal(text(await a.hub.request(b.nodeId, "echo", utf8("meanwhile"))), "meanwhile");
    release();
    const counts = Object.groupBy(await Promise.all(outcomes), (outcome) => outcome);
    assert.equal((counts["sent"]?.length ?? 0) + (counts["CHANNEL_BUSY"]?.length ?? 0), 60);
    assert.ok((counts["CHANNEL_BUSY"]?.length ?? 0) >= 15);
    await until(() => handled === counts["sent"]?.length);
  });

  it("with too many entries are refused where they come from", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair({ limits: { entriesBytesMax: 1_000 } });
    const outcome = a.hub.send(b.nodeId, utf8(""), new Uint8Array(1_001)).catch(codeOf);
    assert.equal(await outcome, "CHANNEL_MESSAGE_TOO_LARGE");
  });

  it("cut the stream when their handler fails, so that the sender sees it", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    b.hub.onConsensus(() => {
      throw new Error("not a message for this node");
    });
    await a.hub.send(b.nodeId, utf8("header"), utf8("entries"));
    await until(() => a.hub.states()[0]?.state === "INACTIVE");
  });

  it("that came whole are handled though the sender has gone", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    const handled: string[] = [];
    b.hub.onConsensus(async (_peerId, header) => {
      await sleep(5);
      handled.push(text(header));
    });
    serveEcho(b);
    await a.hub.request(b.nodeId, "echo", utf8(""));
    for (let index = 0; index < 5; index += 1) {
      await a.hub.send(b.nodeId, utf8(`${index}`), utf8("entries"));
    }
    await a.stop();
    await until(() => handled.length === 5);
    assert.deepEqual(handled, ["0", "1", "2", "3", "4"]);
  });
});

describe("a peer that stops reading", () => {
  it("is cut, and what waits for it stays bounded", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair({ limits: { stallMs: 300 } });
    network.addresses.delete(a.nodeId);
    // The peer's place is taken by a stream that does the key exchange and then reads nothing.
    const deaf = network.service.node();
    network.trusted.add(deaf.nodeId);
    using stream = await establish(new TestEnd(network.service, deaf), b);
    await until(() => b.hub.states().some(({ state }) => state === "ESTABLISHED"));
    const before = process.memoryUsage().arrayBuffers;
    const outcomes = Array.from({ length: 200 }, () =>
      b.hub.send(deaf.nodeId, utf8("header"), new Uint8Array(1_000_000)).then(() => "sent", codeOf),
    );
    await sleep(100);
    const grown = process.memoryUsage().arrayBuffers - before;
    const counts = Object.groupBy(await Promise.all(outcomes), (outcome) => outcome);
    assert.ok((counts["CHANNEL_BUSY"]?.length ?? 0) > 100, "most are refused at once");
    assert.ok((counts["CHANNEL_LOST"]?.length ?? 0) >= 1, "those under way are lost");
    assert.ok(grown < 250_000_000, `${grown} bytes`);
    assert.equal(
      b.hub.states().some(({ state }) => state === "ESTABLISHED"),
      false,
    );
    void stream;
  });
});

describe("two processes", () => {
  it("talk, and find each other again after one was killed", async () => {
    await using network = new TestNetwork();
    const a = await network.start();
    const node = network.service.node();
    network.trusted.add(node.nodeId);
    const first = await spawnEcho({
      node,
      serviceCertificate: network.service.certificate,
      address: "127.0.0.1:0",
    });
    network.addresses.set(node.nodeId, first.address);
    try {
      assert.equal(text(await a.hub.request(node.nodeId, "echo", utf8("1"))), "1");
    } finally {
      first.child.kill("SIGKILL");
    }
    await until(() => a.hub.states()[0]?.state === "INACTIVE");
    const second = await spawnEcho({
      node,
      serviceCertificate: network.service.certificate,
      address: first.address,
    });
    try {
      assert.equal(text(await a.hub.request(node.nodeId, "echo", utf8("2"))), "2");
    } finally {
      second.child.kill("SIGKILL");
    }
  });
});

async function spawnEcho(setup: EchoSetup): Promise<{ child: ChildProcess; address: string }> {
  const script = fileURLToPath(new URL("./testing/echo-node.js", import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(setup));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, address: line.toString().trim() };
}

/** Does the key exchange by hand over a raw stream. */
async function establish(end: TestEnd, at: RunningNode): Promise<RawStream> {
  const stream = new RawStream(at.server.address);
  await stream.write(encodeOpen({ sender: end.node.nodeId, receiver: at.nodeId }));
  await stream.read();
  const session = end.session({ node: at });
  await stream.write(plainFrame("keyExchange", session.initiate()));
  const [response] = (await stream.read()) ?? [];
  const final = session.receiveKeyExchange(frameBody(response ?? concat()));
  await stream.write(plainFrame("keyExchange", final?.message ?? concat()));
  return stream;
}
