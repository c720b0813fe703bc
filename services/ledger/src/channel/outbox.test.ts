// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Lane, Outbox } from "./outbox.js";
import { codeOf } from "./testing/sessions.js";
import { utf8 } from "./wire.js";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An outbox whose batches the test lets out one by one. */
class Tested {
  readonly batches: string[][] = [];
  readonly dropped: string[] = [];
  allowance = 1_000;
  full: Error | undefined;
  readonly outbox: Outbox;
  #release: () => void = () => undefined;

  constructor(bytesMax = 1_000_000) {
    this.outbox = new Outbox({
      bytesMax,
      onFull: (reason) => (this.full = reason),
      allowance: () => this.allowance,
    });
    void this.outbox.run(async (frames) => {
      this.batches.push(frames.map((frame) => new TextDecoder().decode(frame)));
      await new Promise<void>((resolve) => (this.#release = resolve));
    });
  }

  push(lane: Lane, name: string, options: { bytes?: number; unsealed?: boolean } = {}): void {
    this.outbox.push(lane, {
      bytes: options.bytes ?? name.length,
      make: () => utf8(name),
      dropped: () => this.dropped.push(name),
      ...(options.unsealed === true ? { unsealed: true } : {}),
    });
  }

  async next(): Promise<void> {
    this.#release();
    await settled();
  }
}

describe("an outbox", () => {
  it("sends control before requests, and requests before consensus, in order", async () => {
    const tested = new Tested();
    tested.push("control", "first");
    await settled();
    for (const lane of ["consensus", "forwarded", "control"] as const) {
      for (const number of [1, 2]) tested.push(lane, `${lane} ${number}`);
    }
    await tested.next();
    assert.deepEqual(tested.batches[1], [
      "control 1",
      "control 2",
      "forwarded 1",
      "forwarded 2",
      "consensus 1",
      "consensus 2",
    ]);
  });

  it("lets consensus go first when requests left no room for it", async () => {
    const tested = new Tested();
    tested.push("control", "first");
    await settled();
    for (let number = 0; number < 600; number += 1) tested.push("forwarded", "request");
    tested.push("consensus", "consensus");
    await tested.next();
    assert.equal(tested.batches[1]?.includes("consensus"), false);
    await tested.next();
    assert.equal(tested.batches[2]?.[0], "consensus");
  });

  it("sends a large frame alone", async () => {
    const tested = new Tested();
    tested.push("control", "first");
    await settled();
    tested.push("forwarded", "small");
    tested.push("forwarded", "large", { bytes: 900_000 });
    tested.push("forwarded", "small too");
    await tested.next();
    await tested.next();
    await tested.next();
    assert.deepEqual(tested.batches.slice(1), [["small"], ["large"], ["small too"]]);
  });

  it("holds back what would use up the keys, but no control and nothing unsealed", async () => {
    const tested = new Tested();
    tested.allowance = 2;
    tested.push("control", "first");
    await settled();
    for (const number of [1, 2, 3]) tested.push("forwarded", `request ${number}`);
    tested.push("consensus", "entries", { unsealed: true });
    tested.push("control", "key exchange");
    await tested.next();
    assert.deepEqual(tested.batches[1], ["key exchange", "request 1", "request 2", "entries"]);
    tested.allowance = 0;
    await tested.next();
    assert.equal(tested.batches.length, 2);
    assert.equal(tested.outbox.isEmpty, false);
    tested.allowance = 1;
    tested.outbox.wake();
    await settled();
    assert.deepEqual(tested.batches[2], ["request 3"]);
  });

  it("drops everything when it is closed, what is being written too", async () => {
    const tested = new Tested();
    tested.push("forwarded", "being written");
    await settled();
    tested.push("forwarded", "waiting");
    tested.outbox.close(new Error("over"));
    tested.push("forwarded", "too late");
    assert.deepEqual(tested.dropped, ["being written", "waiting", "too late"]);
  });

  it("says when a lane is full, small frames counted with what they take", () => {
    const tested = new Tested(2_000);
    for (let number = 0; number < 7; number += 1) tested.push("control", "x");
    assert.equal(tested.full, undefined);
    tested.push("control", "x");
    assert.equal(codeOf(tested.full), "CHANNEL_PEER_STALLED");
  });
});
