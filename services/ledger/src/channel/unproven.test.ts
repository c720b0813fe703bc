// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLogger } from "@consortium/kit";
import { channelErrors } from "./errors.js";
import { DEFAULT_CHANNEL_LIMITS } from "./limits.js";
import { ReplayMemory } from "./replay-memory.js";
import { FakeClock } from "./testing/memory-transport.js";
import { UnprovenStreams } from "./unproven.js";
import { WarningThrottle } from "./warnings.js";

const LIMITS = { ...DEFAULT_CHANNEL_LIMITS, unprovenStreamsMax: 2 };

describe("unproven streams", () => {
  it("give way to newer ones, the oldest first", () => {
    const streams = new UnprovenStreams(new FakeClock(), LIMITS);
    const [one, two, three] = [streams.admit(), streams.admit(), streams.admit()];
    assert.deepEqual(
      [one, two, three].map(({ signal }) => signal.aborted),
      [true, false, false],
    );
  });

  it("have only so much time, unless they prove themselves", () => {
    const clock = new FakeClock();
    const streams = new UnprovenStreams(clock, LIMITS);
    const [proved, silent] = [streams.admit(), streams.admit()];
    proved.leave();
    clock.pass(LIMITS.handshakeTimeoutMs);
    assert.deepEqual([proved.signal.aborted, silent.signal.aborted], [false, true]);
    assert.equal(clock.pending, 0);
  });
});

describe("a memory of inits", () => {
  it("knows those it has seen, up to a number", () => {
    const memory = new ReplayMemory();
    const salt = new Uint8Array(32);
    const share = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 255);
    for (let number = 0; number < 257; number += 1) memory.add(share(number), salt);
    assert.deepEqual(
      [0, 1, 256, 257].map((number) => memory.has(share(number), salt)),
      [false, true, true, false],
    );
  });
});

describe("warnings of an attack", () => {
  it("come once in a while, with the number of those left out", () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const clock = new FakeClock();
    const log = createLogger({ name: "test", destination });
    const warnings = new WarningThrottle(log, clock);
    for (let index = 0; index < 5; index += 1) {
      warnings.consider(channelErrors("CHANNEL_FRAME_FORGED", "forged"));
      warnings.consider(channelErrors("CHANNEL_CLOSED", "no reason to warn"));
    }
    clock.pass(10_000);
    warnings.consider(channelErrors("CHANNEL_CERTIFICATE_REFUSED", "refused"));
    const counts = lines.map((line) => (JSON.parse(line) as { unmentioned: number }).unmentioned);
    assert.deepEqual(counts, [0, 4]);
  });
});
