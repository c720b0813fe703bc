// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_CHANNEL_LIMITS } from "./limits.js";
import type { Reply, SecureSession, SessionOptions } from "./session.js";
import { assertRefused, handshake, newHistory, twoEnds } from "./testing/sessions.js";
import { utf8 } from "./wire.js";

const { lower, higher } = twoEnds();
const aad = utf8("session header");

/** Two established ends. */
function established(options: Partial<SessionOptions> = {}): {
  a: SecureSession;
  b: SecureSession;
} {
  const a = lower.session(higher, { history: newHistory(), ...options });
  const b = higher.session(lower, { history: newHistory(), ...options });
  handshake(a, b);
  return { a, b };
}

function say(from: SecureSession, text: string): { frame: Uint8Array; key: number } {
  return { frame: from.seal(aad, utf8(text)), key: from.keyNumber };
}

function hear(at: SecureSession, { frame, key }: { frame: Uint8Array; key: number }): string {
  return new TextDecoder().decode(at.open(frame, aad.length, key));
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function replyOf(reply: Reply | undefined): Reply {
  assert.ok(reply, "no reply");
  return reply;
}

describe("protected messages", () => {
  it("come out as they went in, in both directions", () => {
    const { a, b } = established();
    for (let index = 0; index < 5; index += 1) {
      assert.equal(hear(b, say(a, `to b ${index}`)), `to b ${index}`);
      assert.equal(hear(a, say(b, `to a ${index}`)), `to a ${index}`);
    }
  });

  it("are refused when repeated", () => {
    const { a, b } = established();
    const first = say(a, "once");
    hear(b, first);
    assertRefused("CHANNEL_FRAME_FORGED", () => hear(b, first), /message 1 came after message 1/);
  });

  it("are refused when reordered", () => {
    const { a, b } = established();
    const [, second] = [say(a, "1"), say(a, "2")];
    assertRefused("CHANNEL_FRAME_FORGED", () => hear(b, second), /message 2 came after message 0/);
  });

  it("are refused when one before was dropped", () => {
    const { a, b } = established();
    hear(b, say(a, "1"));
    say(a, "2 is dropped");
    assertRefused("CHANNEL_FRAME_FORGED", () => hear(b, say(a, "3")));
  });

  it("are refused when sent back to their sender", () => {
    const { a } = established();
    assertRefused("CHANNEL_FRAME_FORGED", () => hear(a, say(a, "reflected")));
  });

  it("are refused on another channel between the same nodes", () => {
    const [one, other] = [established(), established()];
    assertRefused("CHANNEL_FRAME_FORGED", () => hear(other.b, say(one.a, "elsewhere")));
  });

  it("are refused when any bit is changed: additional data, tag, IV or ciphertext", () => {
    const { a, b } = established();
    const { frame, key } = say(a, "text");
    for (let at = 0; at < frame.length; at += 1) {
      assert.throws(() => hear(b, { frame: flipped(frame, at), key }), `byte ${at}`);
    }
    assert.equal(hear(b, { frame, key }), "text");
  });

  it("are refused when cut at any place", () => {
    const { a, b } = established();
    const { frame, key } = say(a, "text");
    for (let length = 0; length < frame.length; length += 1) {
      assert.throws(() => hear(b, { frame: frame.subarray(0, length), key }), `length ${length}`);
    }
  });

  it("authenticate a header that has no ciphertext", () => {
    const { a, b } = established();
    const frame = a.seal(aad);
    assert.equal(frame.length, aad.length + 24);
    assertRefused("CHANNEL_FRAME_FORGED", () => b.open(flipped(frame, 3), aad.length, 1));
    assert.equal(b.open(frame, aad.length, 1).length, 0);
  });

  it("need keys", () => {
    const session = lower.session(higher);
    assertRefused("CHANNEL_UNEXPECTED_FRAME", () => session.seal(aad));
    assertRefused("CHANNEL_UNEXPECTED_FRAME", () => session.open(new Uint8Array(99), 4, 1));
  });

  it("of the initiator are not taken before its final", () => {
    const [a, b] = [lower.session(higher), higher.session(lower)];
    const response = replyOf(b.receiveKeyExchange(a.initiate()));
    a.receiveKeyExchange(response.message);
    assertRefused("CHANNEL_UNEXPECTED_FRAME", () => hear(b, say(a, "too early")));
  });

  it("of a key that the peer never had are refused", () => {
    const { a, b } = established();
    for (const key of [0, 2, 3]) {
      const { frame } = say(a, "text");
      assertRefused("CHANNEL_FRAME_FORGED", () => hear(b, { frame, key }), /names key/);
    }
  });
});

describe("renewing keys", () => {
  it("loses nothing that is on the way, whichever side begins", () => {
    const { a, b } = established();
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const before = one.keyNumber;
      const init = one.initiate();
      const early = say(other, "sent before the init came");
      const response = replyOf(other.receiveKeyExchange(init));
      const between = say(other, "sent before the final came");
      const alsoBetween = say(one, "sent before the response came");
      assert.equal(hear(one, early), "sent before the init came");
      const final = replyOf(one.receiveKeyExchange(response.message));
      final.sent();
      const late = say(one, "sent after the final");
      assert.equal(hear(one, between), "sent before the final came");
      assert.equal(hear(other, alsoBetween), "sent before the response came");
      other.receiveKeyExchange(final.message);
      assert.equal(hear(other, late), "sent after the final");
      assert.equal(hear(one, say(other, "new")), "new");
      assert.deepEqual([one.keyNumber, other.keyNumber], [before + 1, before + 1]);
      assert.equal(one.state, "ESTABLISHED");
    }
  });

  it("keeps the lower node id's initiation when both begin at once", () => {
    const { a, b } = established();
    const [fromA, fromB] = [a.initiate(), b.initiate()];
    assert.equal(a.receiveKeyExchange(fromB), undefined);
    const response = replyOf(b.receiveKeyExchange(fromA));
    const final = replyOf(a.receiveKeyExchange(response.message));
    final.sent();
    b.receiveKeyExchange(final.message);
    assert.equal(hear(b, say(a, "there")), "there");
    assert.equal(hear(a, say(b, "back")), "back");
  });

  it("refuses the old key after the final, and after the first message under the new one", () => {
    const { a, b } = established();
    const init = a.initiate();
    const response = replyOf(b.receiveKeyExchange(init));
    const oldFromA = say(a, "old");
    const oldFromB = say(b, "old");
    const final = replyOf(a.receiveKeyExchange(response.message));
    final.sent();
    b.receiveKeyExchange(final.message);
    assertRefused("CHANNEL_FRAME_FORGED", () => hear(b, oldFromA), /names key 1/);
    assert.equal(hear(a, say(b, "new")), "new");
    assertRefused("CHANNEL_FRAME_FORGED", () => hear(a, oldFromB), /names key 1/);
  });

  it("does not take a message under the new key for one under the old key", () => {
    const { a, b } = established();
    handshakeAgain(a, b);
    const { frame } = say(a, "new");
    assertRefused("CHANNEL_FRAME_FORGED", () => hear(b, { frame, key: 1 }));
    assertRefused("CHANNEL_FRAME_FORGED", () => hear(b, { frame, key: 3 }));
    assert.equal(hear(b, { frame, key: 2 }), "new");
  });

  it("is not fooled by a message that only claims to be under the new key", () => {
    const { a, b } = established();
    const response = replyOf(b.receiveKeyExchange(a.initiate()));
    const old = say(b, "still under the old key");
    replyOf(a.receiveKeyExchange(response.message)).sent();
    assertRefused("CHANNEL_FRAME_FORGED", () => hear(a, { ...old, key: 2 }));
    assert.equal(hear(a, old), "still under the old key");
  });

  it("is due at half the message limit, both directions counted", () => {
    const limits = { ...DEFAULT_CHANNEL_LIMITS, messagesPerKeyMax: 20, initiationGapMs: 0 };
    const { a, b } = established({ limits });
    for (let index = 0; index < 5; index += 1) {
      assert.equal(a.renewalIsDue, false);
      hear(b, say(a, "x"));
      hear(a, say(b, "x"));
    }
    assert.deepEqual([a.renewalIsDue, b.renewalIsDue], [true, true]);
    const init = a.initiate();
    assert.equal(a.renewalIsDue, false);
    b.receiveKeyExchange(init);
    assert.equal(b.renewalIsDue, false);
  });

  it("is due when the keys are old", () => {
    const { a } = established();
    lower.nowMs += DEFAULT_CHANNEL_LIMITS.rekeyAfterMs - 1;
    assert.equal(a.renewalIsDue, false);
    lower.nowMs += 1;
    assert.equal(a.renewalIsDue, true);
  });

  it("waits for the least time between two initiations", () => {
    const { a } = established();
    lower.nowMs += DEFAULT_CHANNEL_LIMITS.rekeyAfterMs;
    assert.equal(a.initiationWaitMs(), 0);
    a.initiate();
    assert.equal(a.initiationWaitMs(), 2_000);
    lower.nowMs += 1_999;
    assert.equal(a.initiationWaitMs(), 1);
  });

  it("must happen before the limit: then the keys are used no more", () => {
    const limits = { ...DEFAULT_CHANNEL_LIMITS, messagesPerKeyMax: 8 };
    const { a, b } = established({ limits });
    for (let index = 0; index < 8; index += 1) hear(b, say(a, "x"));
    assertRefused("CHANNEL_KEYS_EXHAUSTED", () => say(a, "x"));
    assertRefused("CHANNEL_KEYS_EXHAUSTED", () => b.open(new Uint8Array(99), 1, 1));
  });
});

describe("a session that is over", () => {
  it("has no keys", () => {
    const { a } = established();
    a.dispose();
    assert.equal(a.state, "INACTIVE");
    assertRefused("CHANNEL_UNEXPECTED_FRAME", () => say(a, "x"));
  });
});

function handshakeAgain(a: SecureSession, b: SecureSession): void {
  const response = replyOf(b.receiveKeyExchange(a.initiate()));
  const final = replyOf(a.receiveKeyExchange(response.message));
  final.sent();
  b.receiveKeyExchange(final.message);
}
