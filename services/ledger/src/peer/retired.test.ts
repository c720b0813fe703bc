// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keyFromText, KvState } from "../kv/index.js";
import { encodeJson, TABLES } from "../tables/index.js";
import { isRetired, untilRetired } from "./retired.js";

const NODE = "a".repeat(64);

describe("a node that members may retire", () => {
  it("has a part while it is Pending or Trusted, and none when Retired or removed", () => {
    const kv = new KvState();
    for (const [index, status] of ["Pending", "Trusted", "Retired", undefined].entries()) {
      set(kv, index + 1, status);
      assert.equal(isRetired(kv.committed, NODE), index >= 2, status);
    }
  });

  it("hears of it when its replica has moved on", async () => {
    const { kv, follower, advance } = following();
    const ended = untilRetired(follower, NODE, new AbortController().signal);
    set(kv, 2, "Retired");
    advance();
    await assert.rejects(ended, { code: "NODE_RETIRED" });
  });

  it("is left alone when it is told to stop", async () => {
    const { follower } = following();
    const stopping = new AbortController();
    const ended = untilRetired(follower, NODE, stopping.signal);
    stopping.abort();
    await ended;
    await untilRetired(follower, NODE, stopping.signal);
  });
});

function following(): {
  kv: KvState;
  follower: Parameters<typeof untilRetired>[0];
  advance: () => void;
} {
  const kv = new KvState();
  set(kv, 1, "Trusted");
  const listeners: (() => void)[] = [];
  const follower = {
    replica: { kv },
    onAdvance: (listener: () => void) => {
      listeners.push(listener);
      return () => undefined;
    },
  };
  return { kv, follower, advance: () => listeners.forEach((listener) => listener()) };
}

function set(kv: KvState, seqno: number, status: string | undefined): void {
  const row = status === undefined ? null : encodeJson({ status });
  kv.apply(seqno, new Map([[TABLES.nodesInfo, new Map([[keyFromText(NODE), row]])]]));
  kv.commit(seqno);
}
