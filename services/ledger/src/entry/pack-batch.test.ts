// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { LedgerSecret } from "@consortium/crypto-wasm";
import type { WriteSet } from "../kv/types.js";
import { iterateEntries } from "./decode-entry.js";
import { decodeMaps } from "./decode-maps.js";
import { encodeMaps } from "./encode-maps.js";
import { domainOf } from "./layout.js";
import { BatchPacker, packBatch } from "./pack-batch.js";

const writes: WriteSet = new Map([
  ["records", new Map([["k", Buffer.from("private")]])],
  ["public:records", new Map([["k", Buffer.from("public")]])],
]);

describe("BatchPacker", () => {
  it("writes lengths, flags, claims and both domains", () => {
    const claims = new Uint8Array(32).fill(3);
    const batch = Buffer.from(packBatch([{ writes, flags: 1, claimsDigest: claims }]));
    const [open, closed] = [encodeMaps(writes, "public"), encodeMaps(writes, "private")];
    assert.equal(batch.readUInt32LE(0), open.length);
    assert.equal(batch.readUInt32LE(4), closed.length);
    assert.equal(batch[8], 1);
    assert.ok(batch.subarray(9, 41).equals(claims));
    assert.ok(batch.subarray(41, 41 + open.length).equals(open));
    assert.ok(batch.subarray(41 + open.length).equals(closed));
  });

  it("starts again with the same memory", () => {
    const packer = new BatchPacker();
    packer.add(writes);
    const first = Uint8Array.from(packer.view());
    packer.clear();
    assert.equal(packer.count, 0);
    packer.add(writes);
    assert.deepEqual(Uint8Array.from(packer.view()), first);
  });

  it("keeps what is there when its buffer grows", () => {
    const value = new Uint8Array(200_000).fill(5);
    const large: WriteSet = new Map([["records", new Map([["k", value]])]]);
    const packer = new BatchPacker();
    packer.add(writes);
    for (let count = 0; count < 5; count += 1) packer.add(large);
    const alone = packBatch([{ writes }]);
    assert.deepEqual(Uint8Array.from(packer.view().subarray(0, alone.length)), alone);
    assert.equal(packer.count, 6);
  });

  it("refuses flags and claims that there are not", () => {
    const packer = new BatchPacker();
    assert.throws(() => packer.add(writes, 4), RangeError);
    assert.throws(() => packer.add(writes, 0, new Uint8Array(31)), RangeError);
  });

  it("makes batches whose entries say again what was put in", () => {
    using secret = new LedgerSecret(new Uint8Array(32).fill(1));
    const names = fc.constantFrom("public:a", "public:b", "a", "b", "c");
    const keys = fc.uint8Array({ maxLength: 30 }).map((key) => Buffer.from(key).toString("latin1"));
    const values = fc.option(fc.uint8Array({ maxLength: 100 }));
    const map = fc.array(fc.tuple(keys, values), { minLength: 1, maxLength: 5 });
    const set = fc.array(fc.tuple(names, map), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(set, { minLength: 1, maxLength: 10 }), (sets) => {
        const all = sets.map(
          (maps): WriteSet => new Map(maps.map(([name, rows]) => [name, new Map(rows)])),
        );
        const batch = packBatch(all.map((one) => ({ writes: one })));
        const { entries } = secret.seal({ view: 2, firstSeqno: 1, batch });
        const opened = secret.open(entries);
        [...iterateEntries(entries)].forEach((entry, index) => {
          const expected = all[index] ?? new Map();
          const hidden = decodeMaps(opened[index] ?? new Uint8Array(), "private");
          const found: WriteSet = new Map([...entry.publicWrites, ...hidden]);
          assert.deepEqual(new Set(found.keys()), new Set(expected.keys()));
          for (const domain of ["public", "private"] as const) {
            assert.deepEqual(encodeMaps(found, domain), encodeMaps(expected, domain));
          }
          assert.ok([...entry.publicWrites.keys()].every((name) => domainOf(name) === "public"));
        });
      }),
      { numRuns: 50 },
    );
  });
});
