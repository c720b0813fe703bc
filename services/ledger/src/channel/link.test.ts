// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLogger, isAppError } from "@consortium/kit";
import { channelErrors } from "./errors.js";
import { type ChannelLimits, DEFAULT_CHANNEL_LIMITS } from "./limits.js";
import { Link } from "./link.js";
import { until } from "./testing/network.js";
import { FakeClock, MemoryTransport } from "./testing/memory-transport.js";
import { mutate, seededRandom } from "./testing/mutate.js";
import { codeOf, newHistory, type TestEnd, twoEnds } from "./testing/sessions.js";
import { VECTORS } from "./testing/vectors.js";
import { plainFrame } from "./frames.js";
import { utf8 } from "./wire.js";

const { lower, higher } = twoEnds();
const log = createLogger({ name: "link-test", level: "silent" });
const text = (value: Uint8Array): string => new TextDecoder().decode(value);
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Side {
  readonly link: Link;
  readonly transport: MemoryTransport;
  readonly ended: Promise<Error>;
  readonly consensus: string[];
  readonly handled: string[];
}

function side(
  own: TestEnd,
  peer: TestEnd,
  options: {
    transport: MemoryTransport;
    openedBy: "us" | "peer";
    clock: FakeClock;
    limits?: Partial<ChannelLimits>;
  },
): Side {
  const limits = { ...DEFAULT_CHANNEL_LIMITS, ...options.limits };
  const consensus: string[] = [];
  const handled: string[] = [];
  const link = new Link({
    peerId: peer.node.nodeId,
    openedBy: options.openedBy,
    transport: options.transport,
    session: own.session(peer, {
      history: newHistory(),
      limits,
      now: () => options.clock.now(),
    }),
    limits,
    clock: options.clock,
    log,
    handlerOf: (kind) =>
      kind === "echo"
        ? async (_peerId, payload) => {
            handled.push(text(payload));
            return payload;
          }
        : undefined,
    onConsensusBegun: () => undefined,
    onConsensus: (header, entries) => void consensus.push(`${text(header)} ${entries.length}`),
    beforeAnswer: () => undefined,
    onState: () => undefined,
  });
  return { link, transport: options.transport, ended: link.run(), consensus, handled };
}

function pair(limits: Partial<ChannelLimits> = {}): { a: Side; b: Side; clock: FakeClock } {
  const clock = new FakeClock();
  const [near, far] = MemoryTransport.pair();
  const b = side(higher, lower, { transport: far, openedBy: "peer", clock, limits });
  const a = side(lower, higher, { transport: near, openedBy: "us", clock, limits });
  return { a, b, clock };
}

async function established(limits: Partial<ChannelLimits> = {}): Promise<ReturnType<typeof pair>> {
  const both = pair(limits);
  await Promise.all([both.a.link.established, both.b.link.established]);
  return both;
}

function ask({ link }: Side, payload: string, deadlineAt = 60_000): Promise<string> {
  return new Promise<Uint8Array>((resolve, reject) =>
    link.request({
      kind: "echo",
      payload: utf8(payload),
      deadlineAt,
      signal: undefined,
      resolve,
      reject,
    }),
  ).then(text, codeOf);
}

describe("a link", () => {
  it("carries requests and consensus messages both ways", async () => {
    const { a, b } = await established();
    assert.equal(await ask(a, "there"), "there");
    assert.equal(await ask(b, "back"), "back");
    await new Promise<void>((resolve, reject) =>
      a.link.send({ header: utf8("header"), entries: utf8("entries"), resolve, reject }),
    );
    await settled();
    assert.deepEqual(b.consensus, ["header 7"]);
  });

  it("that is not established in time ends, and leaves no timer behind", async () => {
    const clock = new FakeClock();
    const alone = side(lower, higher, { transport: new MemoryTransport(), openedBy: "us", clock });
    clock.pass(DEFAULT_CHANNEL_LIMITS.handshakeTimeoutMs - 1);
    assert.equal(alone.link.state, "INITIATED");
    clock.pass(1);
    assert.equal(codeOf(await alone.ended), "CHANNEL_HANDSHAKE_TIMEOUT");
    assert.equal(clock.pending, 0);
  });

  it("whose renewal is not answered in time ends", async () => {
    const { a, b, clock } = await established();
    // The other end hears nothing any more.
    a.transport.deliver = () => undefined;
    b.transport.deliver = () => undefined;
    clock.pass(DEFAULT_CHANNEL_LIMITS.rekeyAfterMs);
    a.link.tick();
    clock.pass(DEFAULT_CHANNEL_LIMITS.handshakeTimeoutMs);
    a.link.tick();
    assert.equal(codeOf(await a.ended), "CHANNEL_HANDSHAKE_TIMEOUT");
  });

  it("without traffic ends, and tells the peer why", async () => {
    const { a, b, clock } = await established();
    clock.pass(DEFAULT_CHANNEL_LIMITS.idleCloseMs - 1);
    a.link.tick();
    assert.equal(a.link.isEstablished, true);
    clock.pass(1);
    a.link.tick();
    assert.match((await a.ended).message, /idle/);
    const reason = await b.ended;
    assert.match(reason.message, /the peer closed the channel: the channel was idle/);
    assert.ok(isAppError(reason));
    assert.equal(reason.details["peer_code"], "CHANNEL_CLOSED");
  });

  it("whose peer takes no bytes ends", async () => {
    const { a, clock } = await established();
    a.transport.write = () => new Promise(() => undefined);
    const answer = ask(a, "never taken");
    await settled();
    clock.pass(DEFAULT_CHANNEL_LIMITS.stallMs);
    a.link.tick();
    assert.equal(codeOf(await a.ended), "CHANNEL_PEER_STALLED");
    assert.equal(await answer, "CHANNEL_LOST");
  });

  it("gives a request up at its deadline by the given clock", async () => {
    const { a, b, clock } = await established();
    b.transport.deliver = () => undefined;
    const answer = ask(a, "x", clock.now() + 500);
    clock.pass(499);
    await settled();
    clock.pass(1);
    assert.equal(await answer, "CHANNEL_DEADLINE_EXCEEDED");
    // The silence may be the network's: the peer is asked, and does not answer.
    clock.pass(DEFAULT_CHANNEL_LIMITS.probeTimeoutMs);
    assert.equal(codeOf(await a.ended), "CHANNEL_PEER_STALLED");
  });

  it("asks a silent peer whether it is there, and ends when it is not", async () => {
    const { a, b, clock } = await established();
    a.link.endIfSilent();
    await settled();
    clock.pass(DEFAULT_CHANNEL_LIMITS.probeTimeoutMs);
    assert.equal(a.link.isEstablished, true);
    b.transport.deliver = () => undefined;
    a.link.endIfSilent();
    a.link.endIfSilent();
    clock.pass(DEFAULT_CHANNEL_LIMITS.probeTimeoutMs);
    assert.equal(codeOf(await a.ended), "CHANNEL_PEER_STALLED");
    assert.equal(clock.pending, 0);
  });

  it("ends when the stream does", async () => {
    const { a } = await established();
    a.transport.end();
    assert.equal(codeOf(await a.ended), "CHANNEL_CLOSED");
  });
});

const FUZZED = [
  VECTORS.messages.open,
  ...[VECTORS.messages.init, VECTORS.messages.response, VECTORS.messages.final].map((message) =>
    Buffer.from(plainFrame("keyExchange", Buffer.from(message, "hex"))).toString("hex"),
  ),
  VECTORS.frames.request,
  VECTORS.frames.consensus,
  VECTORS.frames.ping,
  Buffer.from(plainFrame("entries", utf8("entries"))).toString("hex"),
].map((hex) => Uint8Array.from(Buffer.from(hex, "hex")));

describe("whatever comes over a stream", () => {
  const UNPROVEN = 3_000;
  it(`ends it with a reason while the peer is unproven (${UNPROVEN} cases)`, async () => {
    const random = seededRandom(7);
    const clock = new FakeClock();
    for (let run = 0; run < UNPROVEN; run += 1) {
      const transport = new MemoryTransport();
      const openedBy = random(2) === 0 ? "us" : "peer";
      // The initiator's share and signature are costly; most cases do without them.
      if (openedBy === "us" && run % 50 !== 0) continue;
      const { link, ended } = side(lower, higher, { transport, openedBy, clock });
      transport.deliver(mutate(FUZZED[random(FUZZED.length)] ?? new Uint8Array(), random));
      transport.end();
      const reason = await ended;
      assert.ok(isAppError(reason) && reason.code in channelErrors.table, String(reason));
      assert.equal(link.state, "INACTIVE");
    }
    assert.equal(clock.pending, 0);
  });

  const PROVEN = 60;
  it(`on an established channel ends it without effect (${PROVEN} cases)`, async () => {
    const random = seededRandom(8);
    for (let run = 0; run < PROVEN; run += 1) {
      const { a, b } = await established();
      assert.equal(await ask(a, "before"), "before");
      const real = [...FUZZED, ...a.transport.written, ...b.transport.written];
      b.transport.deliver(mutate(real[random(real.length)] ?? new Uint8Array(), random));
      const reason = await b.ended;
      assert.ok(isAppError(reason) && reason.code in channelErrors.table, String(reason));
      assert.deepEqual([b.handled, b.consensus], [["before"], []]);
      a.link.close(reason);
    }
  });

  it("on a channel whose peer is malicious cuts it, and no more", async () => {
    const { a, b } = await established({ requestBytesMax: 1_000 });
    for (let index = 0; index < 20; index += 1) void ask(a, "x".repeat(2_000_000));
    assert.equal(codeOf(await b.ended), "CHANNEL_FRAME_TOO_LARGE");
    await until(() => b.link.state === "INACTIVE");
  });
});
