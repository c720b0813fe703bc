// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type ConsensusHeader,
  decodeConsensusHeader,
  encodeConsensusHeader,
} from "./consensus-header.js";

const PLACE = { groupId: 3, view: 7, lastSeqno: 2 ** 40 };
const HEADERS: readonly ConsensusHeader[] = [
  { kind: "append", ...PLACE, firstSeqno: 2 ** 40 - 5, commitSeqno: 12 },
  { kind: "answer", ...PLACE, root: new Uint8Array(32).fill(9) },
  { kind: "farewell", ...PLACE },
];

describe("a consensus header", () => {
  for (const header of HEADERS) {
    it(`of an ${header.kind} survives the wire`, () => {
      assert.deepEqual(decodeConsensusHeader(encodeConsensusHeader(header)), header);
    });

    it(`of an ${header.kind} is refused with a byte more or less`, () => {
      const bytes = encodeConsensusHeader(header);
      const others = [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.alloc(1)])];
      for (const other of others) assert.throws(() => decodeConsensusHeader(other), MALFORMED);
    });
  }

  it("is refused when it is none", () => {
    const append = Buffer.from(encodeConsensusHeader(HEADERS[0]!));
    const huge = Buffer.from(append);
    huge.fill(0xff, 13, 21);
    const beyond = Buffer.from(append);
    beyond.writeBigUInt64LE(2n ** 41n, 29);
    const gap = Buffer.from(append);
    gap.writeBigUInt64LE(2n ** 41n, 21);
    const unknown = Buffer.from(append);
    unknown.writeUInt8(4, 0);
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(21), huge, beyond, gap, unknown]) {
      assert.throws(() => decodeConsensusHeader(bytes), MALFORMED);
    }
  });

  it("of an answer holds a root of 32 bytes", () => {
    const answer: ConsensusHeader = { kind: "answer", ...PLACE, root: new Uint8Array(31) };
    assert.throws(() => encodeConsensusHeader(answer), MALFORMED);
  });
});

const MALFORMED = { code: "CONSENSUS_HEADER_MALFORMED" };
