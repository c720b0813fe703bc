// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAppError } from "@consortium/kit";
import { encodeOpen, plainFrame } from "./frames.js";
import { decodeKeyExchange, encodeKeyExchange } from "./key-exchange-messages.js";
import { type RunningNode, TestNetwork, until } from "./testing/network.js";
import { TestService } from "./testing/service.js";
import { codeOf, TestEnd } from "./testing/sessions.js";
import { type Alteration, RawStream, type TappedFrame, WireTap } from "./testing/wire-tap.js";
import { concat, u64, utf8 } from "./wire.js";

const text = (value: Uint8Array): string => new TextDecoder().decode(value);

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

/** Two nodes whose streams from the first to the second pass an attacker. */
class Tapped implements AsyncDisposable {
  readonly network: TestNetwork;
  readonly tap: WireTap;
  readonly a: RunningNode;
  readonly b: RunningNode;
  /** What the second node handled. */
  readonly handled: string[] = [];
  readonly consensus: [string, Uint8Array][] = [];

  private constructor(network: TestNetwork, tap: WireTap, a: RunningNode, b: RunningNode) {
    this.network = network;
    this.tap = tap;
    this.a = a;
    this.b = b;
    b.hub.onRequest("echo", async (_peerId, payload) => {
      this.handled.push(text(payload));
      return payload;
    });
    b.hub.onConsensus((_peerId, header, entries) => {
      this.consensus.push([text(header), entries]);
    });
  }

  static async start(): Promise<Tapped> {
    const network = new TestNetwork();
    const [a, b] = await network.pair();
    const tap = await WireTap.start(() => b.server.address);
    network.addresses.set(b.nodeId, tap.address);
    return new Tapped(network, tap, a, b);
  }

  ask(payload: string): Promise<Uint8Array> {
    return this.a.hub.request(this.b.nodeId, "echo", utf8(payload), { deadlineMs: 3_000 });
  }

  /** The channel works, now that nobody interferes. */
  async assertRecovers(): Promise<void> {
    await until(() => this.a.hub.states()[0]?.state !== "ESTABLISHED");
    this.tap.alter = (frame) => [frame.bytes];
    assert.equal(text(await this.ask("after the attack")), "after the attack");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
    await this.tap[Symbol.asyncDispose]();
  }
}

/** Changes the nth frame of a kind, and lets all others pass. */
function only(
  kind: Pick<TappedFrame, "from" | "type" | "index">,
  change: (bytes: Uint8Array) => readonly Uint8Array[],
): Alteration {
  return ({ from, type, index, bytes }) =>
    from === kind.from && type === kind.type && index === kind.index ? change(bytes) : [bytes];
}

/** Another service's key exchange message with the same fields. */
function changedKeyExchange(
  frame: Uint8Array,
  field: "share" | "salt" | "certificate",
): Uint8Array {
  const message = decodeKeyExchange(frame.subarray(8));
  const stranger = new TestService().node();
  const value = {
    share: () => new TestEnd(new TestService(), stranger).party.newShare().publicPoint(),
    salt: () => new Uint8Array(32),
    certificate: () => utf8(stranger.certificate),
  }[field]();
  return plainFrame("keyExchange", encodeKeyExchange({ ...message, [field]: value }));
}

const INIT = { from: "opener", type: "keyExchange", index: 0 } as const;
const RESPONSE = { from: "answerer", type: "keyExchange", index: 0 } as const;
const FINAL = { from: "opener", type: "keyExchange", index: 1 } as const;
const REQUEST = { from: "opener", type: "forwarded", index: 0 } as const;
const ANSWER = { from: "answerer", type: "forwarded", index: 0 } as const;
const HEADER = { from: "opener", type: "consensus", index: 0 } as const;
const ENTRIES = { from: "opener", type: "entries", index: 0 } as const;

describe("someone who only listens", () => {
  it("sees consensus headers and entries, but no request, kind or answer", async () => {
    await using tapped = await Tapped.start();
    await tapped.ask("confidential");
    await tapped.a.hub.send(tapped.b.nodeId, utf8("header in the clear"), utf8("entries"));
    await until(() => tapped.consensus.length === 1);
    const seen = Buffer.concat(tapped.tap.frames.map((frame) => frame.bytes)).toString("latin1");
    assert.match(seen, /header in the clear/);
    assert.match(seen, /entries/);
    assert.doesNotMatch(seen, /confidential|echo/);
  });
});

describe("someone on the wire who changes the key exchange is noticed at once", () => {
  const attacks: [string, Alteration, string | RegExp][] = [
    [
      "key share of the init",
      only(INIT, (b) => [changedKeyExchange(b, "share")]),
      "CHANNEL_AUTHENTICATION_FAILED",
    ],
    ["salt", only(INIT, (b) => [changedKeyExchange(b, "salt")]), "CHANNEL_AUTHENTICATION_FAILED"],
    [
      "certificate of the init",
      only(INIT, (b) => [changedKeyExchange(b, "certificate")]),
      "CHANNEL_CERTIFICATE_REFUSED",
    ],
    [
      "version of the init",
      only(INIT, (b) => [concat(b.subarray(0, 16), u64(1), b.subarray(24))]),
      "CHANNEL_VERSION_UNSUPPORTED",
    ],
    [
      "version of the first frame",
      only({ from: "opener", type: "open", index: 0 }, (b) => [
        concat(b.subarray(0, 8), u64(1), b.subarray(16)),
      ]),
      "CHANNEL_VERSION_UNSUPPORTED",
    ],
    [
      "receiver in the first frame",
      only({ from: "opener", type: "open", index: 0 }, (b) => [
        concat(b.subarray(0, -64), utf8("c".repeat(64))),
      ]),
      "CHANNEL_WRONG_NODE",
    ],
    [
      "sender in the first frame",
      only({ from: "opener", type: "open", index: 0 }, (b) => [
        concat(b.subarray(0, 24), utf8("c".repeat(64)), b.subarray(88)),
      ]),
      "NODE_NOT_TRUSTED",
    ],
    [
      "sender in the answer",
      only({ from: "answerer", type: "open", index: 0 }, (b) => [
        concat(b.subarray(0, 24), utf8("c".repeat(64)), b.subarray(88)),
      ]),
      "CHANNEL_WRONG_NODE",
    ],
    [
      "key share of the response",
      only(RESPONSE, (b) => [changedKeyExchange(b, "share")]),
      "CHANNEL_AUTHENTICATION_FAILED",
    ],
    [
      "certificate of the response",
      only(RESPONSE, (b) => [changedKeyExchange(b, "certificate")]),
      "CHANNEL_CERTIFICATE_REFUSED",
    ],
    [
      "response: a frame of encrypted nonsense instead",
      only(RESPONSE, () => [concat(u64(4), u64(1), new Uint8Array(32))]),
      "CHANNEL_UNEXPECTED_FRAME",
    ],
    [
      "response: the init is sent back",
      (() => {
        let init = new Uint8Array();
        return (frame: TappedFrame) => {
          if (frame.from === "opener" && frame.type === "keyExchange" && frame.index === 0) {
            init = Uint8Array.from(frame.bytes);
          }
          return frame.from === "answerer" && frame.type === "keyExchange" ? [init] : [frame.bytes];
        };
      })(),
      "CHANNEL_UNEXPECTED_FRAME",
    ],
    [
      "length of the init: cut",
      only(INIT, (b) => [b.subarray(0, b.length - 1)]),
      "CHANNEL_FRAME_MALFORMED",
    ],
    [
      "length of the init: oversized",
      only(INIT, (b) => [concat(b, new Uint8Array(20_000))]),
      "CHANNEL_FRAME_TOO_LARGE",
    ],
    [
      "response: dropped, with the stream held open",
      only(RESPONSE, () => []),
      "CHANNEL_HANDSHAKE_TIMEOUT",
    ],
  ];
  for (const [name, alteration, code] of attacks) {
    it(name, async () => {
      await using tapped = await Tapped.start();
      tapped.tap.alter = alteration;
      await assert.rejects(tapped.ask("never arrives"), (error) => {
        assert.equal(codeOf(error), "CHANNEL_UNAVAILABLE");
        assert.equal(codeOf((error as Error).cause), code);
        return true;
      });
      assert.deepEqual(tapped.handled, []);
      await tapped.assertRecovers();
    });
  }

  const late: [string, Alteration, string][] = [
    ["final: changed", only(FINAL, (b) => [flipped(b, -1)]), "CHANNEL_AUTHENTICATION_FAILED"],
    ["final: dropped", only(FINAL, () => []), "CHANNEL_UNEXPECTED_FRAME"],
    ["order: the init comes twice", only(INIT, (b) => [b, b]), "CHANNEL_UNEXPECTED_FRAME"],
  ];
  for (const [name, alteration, code] of late) {
    it(name, async () => {
      await using tapped = await Tapped.start();
      tapped.tap.alter = alteration;
      await assert.rejects(tapped.ask("never arrives"), (error) => {
        assert.match(codeOf(error), /CHANNEL_LOST|CHANNEL_UNAVAILABLE/);
        assert.equal(codeOf((error as Error).cause), code);
        return true;
      });
      assert.deepEqual(tapped.handled, []);
      await tapped.assertRecovers();
    });
  }
});

describe("someone on the wire who interferes with an established channel cuts it, and no more", () => {
  const attacks: [string, Alteration, string[]][] = [
    ["repeats a request", only(REQUEST, (b) => [b, b]), ["the request"]],
    ["changes what a request is about", only(REQUEST, (b) => [flipped(b, 17)]), []],
    ["changes the tag of a request", only(REQUEST, (b) => [flipped(b, 25)]), []],
    ["changes the counter of a request", only(REQUEST, (b) => [flipped(b, 42)]), []],
    ["changes the ciphertext of a request", only(REQUEST, (b) => [flipped(b, -1)]), []],
    ["names another key", only(REQUEST, (b) => [flipped(b, 8)]), []],
    ["passes a request off as control", only(REQUEST, (b) => [concat(u64(4), b.subarray(8))]), []],
    [
      "passes a request off as consensus",
      only(REQUEST, (b) => [concat(u64(1), b.subarray(8))]),
      [],
    ],
    ["cuts a request", only(REQUEST, (b) => [b.subarray(0, 30)]), []],
    ["makes a request endless", only(REQUEST, (b) => [concat(b, new Uint8Array(5_000_000))]), []],
    ["slips in an empty frame", only(REQUEST, (b) => [new Uint8Array(), b]), []],
    ["slips in a frame of no known type", only(REQUEST, (b) => [u64(6), b]), []],
    [
      "slips in a first frame",
      only(REQUEST, (b) => [encodeOpen({ sender: "a".repeat(64), receiver: "b".repeat(64) }), b]),
      [],
    ],
    ["slips in entries", only(REQUEST, (b) => [plainFrame("entries", utf8("entries")), b]), []],
    [
      "repeats the final in the clear",
      (() => {
        let final = new Uint8Array();
        return (frame: TappedFrame) => {
          if (frame.type === "keyExchange" && frame.index === 1)
            final = Uint8Array.from(frame.bytes);
          return frame.type === "forwarded" && frame.from === "opener"
            ? [final, frame.bytes]
            : [frame.bytes];
        };
      })(),
      [],
    ],
    [
      "begins a new key exchange with the recorded init",
      (() => {
        let init = new Uint8Array();
        return (frame: TappedFrame) => {
          if (frame.type === "keyExchange" && frame.index === 0 && frame.from === "opener") {
            init = Uint8Array.from(frame.bytes);
          }
          return frame.type === "forwarded" && frame.from === "opener"
            ? [init, frame.bytes]
            : [frame.bytes];
        };
      })(),
      [],
    ],
    [
      "sends a request back",
      only(ANSWER, () => [concat(u64(2), u64(1), new Uint8Array(60))]),
      ["the request"],
    ],
    ["changes an answer", only(ANSWER, (b) => [flipped(b, -1)]), ["the request"]],
    ["answers another request", only(ANSWER, (b) => [flipped(b, 17)]), ["the request"]],
    ["turns an answer into an error", only(ANSWER, (b) => [flipped(b, 16)]), ["the request"]],
  ];
  for (const [name, alteration, handled] of attacks) {
    it(name, async () => {
      await using tapped = await Tapped.start();
      tapped.tap.alter = alteration;
      const outcome = await tapped.ask("the request").then(text, (error: unknown) => error);
      if (outcome !== "the request") assert.equal(codeOf(outcome), "CHANNEL_LOST");
      assert.deepEqual(tapped.handled, handled);
      await tapped.assertRecovers();
      assert.deepEqual(tapped.handled, [...handled, "after the attack"]);
    });
  }

  it("drops a request: the next frame shows the gap", async () => {
    await using tapped = await Tapped.start();
    tapped.tap.alter = only(REQUEST, () => []);
    const first = tapped.ask("dropped");
    await until(() => tapped.tap.frames.some(({ type }) => type === "forwarded"));
    const second = tapped.ask("after the gap");
    for (const answer of [first, second]) {
      await assert.rejects(answer, (error) => isAppError(error, "CHANNEL_LOST"));
    }
    assert.deepEqual(tapped.handled, []);
    await tapped.assertRecovers();
  });

  it("swaps two requests", async () => {
    await using tapped = await Tapped.start();
    await tapped.ask("warm");
    let held: Uint8Array | undefined;
    tapped.tap.alter = ({ from, type, bytes }) => {
      if (from !== "opener" || type !== "forwarded") return [bytes];
      if (held === undefined) {
        held = bytes;
        return [];
      }
      return [bytes, held];
    };
    const answers = await Promise.allSettled([tapped.ask("1"), tapped.ask("2")]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.deepEqual(tapped.handled, ["warm"]);
    await tapped.assertRecovers();
  });
});

describe("consensus messages on the wire", () => {
  const forgeries: [string, Alteration][] = [
    ["a header that was changed", only(HEADER, (b) => [flipped(b, 24)])],
    [
      "a header that was made longer",
      only(HEADER, (b) => [concat(b.subarray(0, -24), utf8("x"), b.subarray(-24))]),
    ],
    [
      "a header that was made shorter",
      only(HEADER, (b) => [concat(b.subarray(0, -25), b.subarray(-24))]),
    ],
    ["another length of the entries", only(HEADER, (b) => [flipped(b, 16)])],
    ["a header that comes twice", only(HEADER, (b) => [b, b])],
    [
      "a header made up without the key",
      only(HEADER, (b) => [
        concat(
          b.subarray(0, 24),
          utf8("forged"),
          new Uint8Array(16),
          Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0),
        ),
      ]),
    ],
  ];
  for (const [name, alteration] of forgeries) {
    it(`are refused with ${name}`, async () => {
      await using tapped = await Tapped.start();
      await tapped.ask("warm");
      tapped.tap.alter = alteration;
      await tapped.a.hub.send(tapped.b.nodeId, utf8("append"), utf8("ledger entries"));
      await tapped.assertRecovers();
      assert.deepEqual(tapped.consensus, []);
    });
  }

  it("hand on entries that were changed: their own digests protect them", async () => {
    await using tapped = await Tapped.start();
    tapped.tap.alter = only(ENTRIES, (b) => [flipped(b, 8)]);
    await tapped.a.hub.send(tapped.b.nodeId, utf8("append"), utf8("entries"));
    await until(() => tapped.consensus.length === 1);
    assert.deepEqual(tapped.consensus, [["append", utf8("dntries")]]);
  });

  it("are refused with more entries than the header says", async () => {
    await using tapped = await Tapped.start();
    tapped.tap.alter = only(ENTRIES, (b) => [concat(b, utf8("more"))]);
    await tapped.a.hub.send(tapped.b.nodeId, utf8("append"), utf8("entries"));
    await tapped.assertRecovers();
    assert.deepEqual(tapped.consensus, []);
  });

  it("are not complete with fewer entries, and hold up none but their own stream", async () => {
    await using tapped = await Tapped.start();
    tapped.tap.alter = only(ENTRIES, (b) => [b.subarray(0, -1)]);
    await tapped.a.hub.send(tapped.b.nodeId, utf8("append 1"), utf8("entries"));
    assert.equal(text(await tapped.ask("meanwhile")), "meanwhile");
    await tapped.a.hub.send(tapped.b.nodeId, utf8("append 2"), utf8("entries"));
    await tapped.assertRecovers();
    assert.deepEqual(tapped.consensus, []);
  });
});

describe("a recorded stream", () => {
  it("leads nowhere when it is played again, and leaves the real channel alone", async () => {
    await using tapped = await Tapped.start();
    await tapped.ask("real");
    const recorded = tapped.tap.frames
      .filter(({ from }) => from === "opener")
      .map(({ bytes }) => bytes);
    using replay = new RawStream(tapped.b.server.address);
    for (const frame of recorded.slice(0, 2)) await replay.write(frame);
    const reason = await replay.closed();
    assert.equal(codeOf(reason), "CHANNEL_AUTHENTICATION_FAILED");
    assert.equal(text(await tapped.ask("still real")), "still real");
    assert.deepEqual(tapped.handled, ["real", "still real"]);
    assert.equal(tapped.b.hub.states()[0]?.keyNumber, 1);
  });

  it("leads nowhere after the node it was for has restarted", async () => {
    await using tapped = await Tapped.start();
    await tapped.ask("real");
    const recorded = tapped.tap.frames
      .filter(({ from }) => from === "opener")
      .map(({ bytes }) => bytes);
    await tapped.b.stop();
    const again = await tapped.network.start(tapped.b);
    let handled = 0;
    again.hub.onRequest("echo", async (_peerId, payload) => {
      handled += 1;
      return payload;
    });
    using replay = new RawStream(again.server.address);
    // The first frame, the init, then the final and the request of back then.
    for (const frame of recorded) await replay.write(frame);
    const reason = await replay.closed();
    assert.equal(codeOf(reason), "CHANNEL_AUTHENTICATION_FAILED");
    assert.equal(handled, 0);
  });
});

describe("a stranger's stream", () => {
  it("is closed with the reason, and the node goes on", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    b.hub.onRequest("echo", async (_peerId, payload) => payload);
    const untrusted = network.service.node();
    const open = encodeOpen({ sender: a.nodeId, receiver: b.nodeId });
    const end = new TestEnd(network.service, network.service.node());
    const init = plainFrame("keyExchange", end.session({ node: b }).initiate());
    const cases: [string, Uint8Array[][], string][] = [
      [
        "for another node",
        [[encodeOpen({ sender: b.nodeId, receiver: a.nodeId })]],
        "CHANNEL_WRONG_NODE",
      ],
      [
        "from the node itself",
        [[encodeOpen({ sender: b.nodeId, receiver: b.nodeId })]],
        "CHANNEL_WRONG_NODE",
      ],
      [
        "from an untrusted node",
        [[encodeOpen({ sender: untrusted.nodeId, receiver: b.nodeId })]],
        "NODE_NOT_TRUSTED",
      ],
      ["without a first frame", [[init]], "CHANNEL_UNEXPECTED_FRAME"],
      ["with an empty frame", [[new Uint8Array()]], "CHANNEL_FRAME_MALFORMED"],
      ["with a message without frames", [[]], "CHANNEL_FRAME_MALFORMED"],
      ["with two first frames", [[open, open]], "CHANNEL_FRAME_MALFORMED"],
      ["with a large first frame", [[new Uint8Array(100_000)]], "CHANNEL_FRAME_MALFORMED"],
      ["larger than any message may be", [[new Uint8Array(8_000_000)]], "RESOURCE_EXHAUSTED"],
      ["that names itself twice", [[open], [open]], "CHANNEL_UNEXPECTED_FRAME"],
      [
        "that skips the key exchange",
        [[open], [concat(u64(2), u64(1), new Uint8Array(40))]],
        "CHANNEL_UNEXPECTED_FRAME",
      ],
      ["with the key exchange of another node", [[open], [init]], "CHANNEL_CERTIFICATE_REFUSED"],
      [
        "that begins with a final",
        [
          [open],
          [
            plainFrame(
              "keyExchange",
              encodeKeyExchange({ type: "final", signature: new Uint8Array(96) }),
            ),
          ],
        ],
        "CHANNEL_UNEXPECTED_FRAME",
      ],
    ];
    for (const [name, batches, code] of cases) {
      using stream = new RawStream(b.server.address);
      for (const frames of batches) await stream.write(...frames);
      const reason = await stream.closed();
      assert.equal(codeOf(reason), code, name);
    }
    assert.equal(text(await a.hub.request(b.nodeId, "echo", utf8("fine"))), "fine");
  });

  it("that is no protobuf is closed too", async () => {
    await using network = new TestNetwork();
    const [, b] = await network.pair();
    using stream = new RawStream(b.server.address);
    await stream.write(encodeOpen({ sender: "c".repeat(64), receiver: b.nodeId }));
    stream.writeGarbage(Buffer.from("ffffffffffff", "hex"));
    assert.ok(isAppError(await stream.closed()));
  });

  it("that never ends a frame is closed at the limit for strangers", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair();
    const open = encodeOpen({ sender: a.nodeId, receiver: b.nodeId });
    const cases: [string, Uint8Array[], string][] = [
      [
        "endless",
        Array.from({ length: 40 }, () => new Uint8Array(1000)),
        "CHANNEL_FRAME_TOO_LARGE",
      ],
      ["empty pieces", [new Uint8Array()], "CHANNEL_FRAME_MALFORMED"],
    ];
    for (const [name, pieces, code] of cases) {
      using stream = new RawStream(b.server.address);
      const closed = stream.closed();
      await stream.write(open);
      for (const piece of pieces) await stream.writePiece(piece);
      assert.equal(codeOf(await closed), code, name);
    }
    using stream = new RawStream(b.server.address);
    const closed = stream.closed();
    await stream.writePiece(open);
    await stream.write(open, open);
    assert.equal(codeOf(await closed), "CHANNEL_FRAME_MALFORMED");
  });

  it("that says nothing is closed after the time for the key exchange", async () => {
    await using network = new TestNetwork();
    const [, b] = await network.pair({ limits: { handshakeTimeoutMs: 50 } });
    using stream = new RawStream(b.server.address);
    assert.ok(isAppError(await stream.closed(), "CHANNEL_HANDSHAKE_TIMEOUT"));
  });

  it("cannot keep a node of the service out, however many there are", async () => {
    await using network = new TestNetwork();
    const [a, b] = await network.pair({ limits: { unprovenStreamsMax: 8 } });
    b.hub.onRequest("echo", async (_peerId, payload) => payload);
    const strangers = Array.from({ length: 40 }, () => new RawStream(b.server.address));
    const closed = strangers.map((stranger) => stranger.closed());
    const open = encodeOpen({ sender: a.nodeId, receiver: b.nodeId });
    for (const stranger of strangers) await stranger.write(open);
    assert.equal(text(await a.hub.request(b.nodeId, "echo", utf8("in"))), "in");
    const reasons = await Promise.all(closed.slice(0, 20));
    for (const reason of reasons) {
      assert.equal(codeOf(reason), "CHANNEL_HANDSHAKE_TIMEOUT");
    }
    for (const stranger of strangers) stranger[Symbol.dispose]();
  });
});
