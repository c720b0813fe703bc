// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AppError, isAppError } from "@consortium/kit";
import { type ControlMessage, decodeControl, encodeControl } from "./control.js";
import { channelErrors } from "./errors.js";
import {
  consensusAad,
  controlAad,
  decodeOpen,
  encodeOpen,
  forwardedAad,
  frameType,
  keyNumberOf,
  plainFrame,
  readConsensus,
  readSessionHeader,
} from "./frames.js";
import { decodeKeyExchange, encodeKeyExchange } from "./key-exchange-messages.js";
import { decodeFailure, decodeRequest, encodeFailure, encodeRequest } from "./request-message.js";
import { mutate, seededRandom } from "./testing/mutate.js";
import { assertRefused } from "./testing/sessions.js";
import { VECTORS } from "./testing/vectors.js";
import { buffer, concat, u64, utf8, WireReader } from "./wire.js";

const { messages } = VECTORS;
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const [idA, idB] = ["a".repeat(64), "b".repeat(64)];
const MALFORMED = "CHANNEL_FRAME_MALFORMED";

describe("key exchange messages", () => {
  for (const [name, hex] of Object.entries(messages)) {
    if (name === "open") continue;
    it(`keep every field of the ${name}`, () => {
      assert.deepEqual(encodeKeyExchange(decodeKeyExchange(bytes(hex))), bytes(hex));
    });

    it(`refuse the ${name} cut anywhere, or with anything after it`, () => {
      const whole = bytes(hex);
      for (let length = 0; length < whole.length; length += 1) {
        assertRefused(MALFORMED, () => decodeKeyExchange(whole.subarray(0, length)));
      }
      assertRefused(MALFORMED, () => decodeKeyExchange(concat(whole, Uint8Array.of(0))));
    });
  }

  const share = concat(Uint8Array.of(97, 4), new Uint8Array(96));
  const init = (fields: {
    type?: number;
    share?: Uint8Array;
    signature?: Uint8Array;
    certificate?: Uint8Array;
    salt?: Uint8Array;
  }): Uint8Array =>
    concat(
      u64(fields.type ?? 0),
      u64(2),
      buffer(fields.share ?? share),
      buffer(fields.signature ?? new Uint8Array(96)),
      buffer(fields.certificate ?? utf8("pem")),
      buffer(fields.salt ?? new Uint8Array(32)),
    );
  const bad: [string, Uint8Array][] = [
    ["nothing", new Uint8Array()],
    ["a type that does not exist", init({ type: 3 })],
    ["a type out of range", concat(bytes("ffffffffffffffff"), init({}).subarray(8))],
    ["an empty key share", init({ share: new Uint8Array() })],
    ["a compressed point", init({ share: concat(Uint8Array.of(97, 2), new Uint8Array(96)) })],
    ["a point of P-256", init({ share: concat(Uint8Array.of(65, 4), new Uint8Array(64)) })],
    ["a key share of the wrong length", init({ share: share.subarray(0, 97) })],
    ["a key share whose length byte lies", init({ share: concat(Uint8Array.of(96), share) })],
    ["a short salt", init({ salt: new Uint8Array(31) })],
    ["a long salt", init({ salt: new Uint8Array(33) })],
    ["no salt", init({ salt: new Uint8Array() })],
    ["an endless signature", init({ signature: new Uint8Array(133) })],
    ["an endless certificate", init({ certificate: new Uint8Array(8193) })],
    ["a response with a salt", init({ type: 1 })],
    ["a length beyond 2^53", concat(u64(0), u64(2), bytes("000000000000ff7f"), share)],
    ["a length beyond the message", concat(u64(2), u64(96), new Uint8Array(95))],
  ];
  for (const [name, message] of bad) {
    it(`refuse ${name}`, () => assertRefused(MALFORMED, () => decodeKeyExchange(message)));
  }
});

describe("the first frame", () => {
  const open = encodeOpen({ sender: idA, receiver: idB });

  it("names sender and receiver", () => {
    assert.deepEqual(decodeOpen(open), { sender: idA, receiver: idB });
  });

  const named = (sender: Uint8Array, version = 2): Uint8Array =>
    plainFrame("open", concat(u64(version), buffer(sender), buffer(utf8(idB))));
  const bad: [string, Uint8Array, Parameters<typeof assertRefused>[0]][] = [
    ["nothing", new Uint8Array(), MALFORMED],
    [
      "another type of frame",
      plainFrame("keyExchange", bytes(messages.init)),
      "CHANNEL_UNEXPECTED_FRAME",
    ],
    ["another version", named(utf8(idA), 1), "CHANNEL_VERSION_UNSUPPORTED"],
    ["a short node id", named(utf8("a".repeat(63))), MALFORMED],
    ["a long node id", named(utf8("a".repeat(65))), MALFORMED],
    ["a node id in capitals", named(utf8("A".repeat(64))), MALFORMED],
    ["a node id that is not UTF-8", named(new Uint8Array(64).fill(0xff)), MALFORMED],
    ["more than it should hold", concat(open, Uint8Array.of(0)), MALFORMED],
    ["half of it", open.subarray(0, 60), MALFORMED],
  ];
  for (const [name, frame, code] of bad) {
    it(`is refused when it holds ${name}`, () => assertRefused(code, () => decodeOpen(frame)));
  }
});

describe("control messages", () => {
  const all: ControlMessage[] = [
    { type: "keyExchange", message: bytes(messages.final) },
    { type: "consumed", bytes: 2 ** 40 },
    { type: "ping", nonce: 1 },
    { type: "pong", nonce: 2 },
    { type: "bye", code: "NODE_NOT_TRUSTED", reason: "Łódź" },
  ];
  for (const control of all) {
    it(`of type ${control.type} come back as they were`, () => {
      assert.deepEqual(decodeControl(encodeControl(control)), control);
    });
  }

  it("shorten a reason that is too long, between characters", () => {
    const control = decodeControl(
      encodeControl({ type: "bye", code: "X", reason: "\u{1f512}".repeat(2000) }),
    );
    assert.ok(control.type === "bye");
    assert.equal(control.reason, "\u{1f512}".repeat(128));
  });

  const bad: [string, Uint8Array][] = [
    ["nothing", new Uint8Array()],
    ["an unknown type", Uint8Array.of(5)],
    ["a ping without nonce", Uint8Array.of(2)],
    ["a ping that goes on", concat(Uint8Array.of(2), u64(1), u64(1))],
    [
      "a reason that is not UTF-8",
      concat(Uint8Array.of(4), buffer(utf8("X")), u64(1), bytes("ff")),
    ],
    ["an endless reason", concat(Uint8Array.of(4), buffer(utf8("X")), u64(2 ** 40))],
  ];
  for (const [name, message] of bad) {
    it(`are refused with ${name}`, () => assertRefused(MALFORMED, () => decodeControl(message)));
  }
});

describe("requests and failures", () => {
  it("keep kind and payload", () => {
    const { kind, payload } = decodeRequest(encodeRequest("submit", utf8("payload")));
    assert.deepEqual([kind, payload], ["submit", utf8("payload")]);
  });

  const bad: [string, Uint8Array][] = [
    ["no kind", new Uint8Array()],
    ["an endless kind", buffer(new Uint8Array(65))],
    ["a kind that is not UTF-8", buffer(bytes("ff"))],
  ];
  for (const [name, message] of bad) {
    it(`are refused with ${name}`, () => assertRefused(MALFORMED, () => decodeRequest(message)));
  }

  it("tell nothing of an error that nobody expected but its reference", () => {
    const logged: string[] = [];
    const failure = encodeFailure(new Error("password=hunter2"), (_error, reference) =>
      logged.push(reference),
    );
    const error = decodeFailure(failure);
    assert.equal(error.code, "INTERNAL");
    assert.equal(error.details["reference"], logged[0]);
    assert.doesNotMatch(Buffer.from(failure).toString("latin1"), /hunter2/);
  });

  it("refuse a failure that is not a status", () => {
    assertRefused(MALFORMED, () => decodeFailure(Uint8Array.of(0xff, 0xff)));
  });
});

describe("numbers", () => {
  it("up to 2^53 - 1 are read, larger ones refused", () => {
    const largest = Number.MAX_SAFE_INTEGER;
    assert.equal(new WireReader(u64(largest)).u64("n"), largest);
    assertRefused(MALFORMED, () => new WireReader(bytes("0000000000002000")).u64("n"));
  });
});

/** What is decoded, encoded again: a decoder that accepts two encodings of one thing is refused. */
const ROUND_TRIPS: Record<string, { valid: Uint8Array; again: (input: Uint8Array) => Uint8Array }> =
  {
    init: { valid: bytes(messages.init), again: (b) => encodeKeyExchange(decodeKeyExchange(b)) },
    response: {
      valid: bytes(messages.response),
      again: (b) => encodeKeyExchange(decodeKeyExchange(b)),
    },
    final: { valid: bytes(messages.final), again: (b) => encodeKeyExchange(decodeKeyExchange(b)) },
    open: { valid: bytes(messages.open), again: (b) => encodeOpen(decodeOpen(b)) },
    consumed: {
      valid: encodeControl({ type: "consumed", bytes: 77 }),
      again: (b) => encodeControl(decodeControl(b)),
    },
    bye: {
      valid: encodeControl({ type: "bye", code: "CHANNEL_CLOSED", reason: "the channel was idle" }),
      again: (b) => encodeControl(decodeControl(b)),
    },
    request: {
      valid: encodeRequest("submit", utf8("payload")),
      again: (b) => {
        const { kind, payload } = decodeRequest(b);
        return encodeRequest(kind, payload);
      },
    },
    "forwarded header": {
      valid: concat(forwardedAad(3, { step: "cancel", id: 9 }), new Uint8Array(24)),
      again: (b) => {
        assert.equal(
          frameType(b) === "forwarded",
          b[0] === 2 && b.subarray(1, 8).every((x) => x === 0),
        );
        const aad = forwardedAad(keyNumberOf(b), readSessionHeader(b));
        return concat(b.subarray(0, 8), aad.subarray(8), b.subarray(25));
      },
    },
    "consensus header": {
      valid: concat(consensusAad(3, 1000, utf8("header")), new Uint8Array(24)),
      again: (b) => {
        const { header, entriesBytes } = readConsensus(b);
        const aad = consensusAad(keyNumberOf(b), entriesBytes, header);
        return concat(b.subarray(0, 8), aad.subarray(8), b.subarray(b.length - 24));
      },
    },
    "control header": {
      valid: concat(controlAad(3), new Uint8Array(24)),
      again: (b) =>
        concat(
          u64(
            ["keyExchange", "consensus", "forwarded", "entries", "control", "open"].indexOf(
              frameType(b),
            ),
          ),
          controlAad(keyNumberOf(b)).subarray(8),
          b.subarray(16),
        ),
    },
  };

describe("any bytes at all", () => {
  const CASES = 11_000;
  for (const [index, [name, { valid, again }]] of Object.entries(ROUND_TRIPS).entries()) {
    it(`as ${name} are read in one way or refused as malformed (${CASES} cases)`, () => {
      assert.deepEqual(again(valid), valid);
      const random = seededRandom(index + 1);
      for (let run = 0; run < CASES; run += 1) {
        const input = mutate(valid, random);
        try {
          const output = again(input);
          if (Buffer.compare(output, input) !== 0) {
            assert.fail(`read in two ways: ${Buffer.from(input).toString("hex")}`);
          }
        } catch (error) {
          if (!isAppError(error) || !(error.code in channelErrors.table)) throw error;
        }
      }
    });
  }

  it(`as a failure give an error (${CASES} cases)`, () => {
    const valid = encodeFailure(
      new AppError("SOME_CODE", "aborted", "what happened", {
        details: { key: "value" },
        hint: "try again",
        retryAfterMs: 1500,
        fieldViolations: [{ field: "a.b", description: "expected a number" }],
      }),
      () => assert.fail(),
    );
    const random = seededRandom(99);
    for (let run = 0; run < CASES; run += 1) {
      try {
        assert.ok(decodeFailure(mutate(valid, random)) instanceof AppError);
      } catch (error) {
        if (!isAppError(error, MALFORMED)) throw error;
      }
    }
  });
});
