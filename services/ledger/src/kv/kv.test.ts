// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  findConflict,
  keyFromText,
  keyToBytes,
  KvState,
  Transaction,
  type WriteSet,
} from "./index.js";

const bytes = (text: string) => Buffer.from(text);
const write = (map: string, key: string, value: string | null): WriteSet =>
  new Map([[map, new Map([[key, value === null ? null : bytes(value)]])]]);

test("a pending write is seen by the latest state only, until it is committed", () => {
  const state = new KvState();
  state.apply(1, write("m", "k", "one"));
  assert.equal(state.committed.get("m", "k"), undefined);
  assert.deepEqual(state.latest.get("m", "k"), { value: bytes("one"), version: 1 });
  state.commit(1);
  assert.deepEqual(state.committed.get("m", "k"), { value: bytes("one"), version: 1 });
});

test("rolling back forgets what was not committed and nothing else", () => {
  const state = new KvState();
  state.apply(1, write("m", "k", "one"));
  state.apply(2, write("m", "k", "two"));
  state.commit(1);
  state.rollback();
  assert.deepEqual(state.latest.get("m", "k"), { value: bytes("one"), version: 1 });
  assert.equal(state.latestSeqno, 1);
});

test("a seqno is applied once", () => {
  const state = new KvState();
  state.apply(3, write("m", "k", "one"));
  assert.throws(() => state.apply(3, write("m", "k", "two")), RangeError);
});

test("the latest state lists committed and pending keys in order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ maxLength: 2 }), fc.option(fc.string({ maxLength: 3 })))),
      fc.nat(40),
      (steps, committed) => {
        const state = new KvState();
        const model = new Map<string, string>();
        steps.forEach(([text, value], index) => {
          const key = keyFromText(text);
          state.apply(index + 1, write("m", key, value));
          if (value === null) model.delete(key);
          else model.set(key, value);
        });
        state.commit(Math.min(committed, steps.length));
        const listed = [...state.latest.entries("m")].map(([key, entry]) => [
          key,
          Buffer.from(entry.value).toString(),
        ]);
        assert.deepEqual(
          listed,
          [...model].sort(([a], [b]) => (a < b ? -1 : 1)),
        );
        assert.equal(state.latest.size("m"), model.size);
      },
    ),
  );
});

test("a transaction conflicts when a key it read was written, or a key it missed appeared", () => {
  const state = new KvState();
  state.apply(1, write("m", "k", "one"));
  const transaction = new Transaction(state.latest);
  transaction.get("m", "k");
  transaction.has("m", "absent");
  assert.equal(findConflict(transaction.reads, state.latest), undefined);
  state.apply(2, write("m", "absent", "now"));
  assert.deepEqual(findConflict(transaction.reads, state.latest), {
    map: "m",
    key: "absent",
    version: 0,
  });
});

test("a transaction that listed a map conflicts with any change of the map", () => {
  const state = new KvState();
  state.apply(1, write("m", "k", "one"));
  const transaction = new Transaction(state.latest);
  assert.deepEqual([...transaction.entries("m")], [["k", bytes("one")]]);
  state.apply(2, write("m", "k", null));
  assert.deepEqual(findConflict(transaction.reads, state.latest), {
    map: "m",
    wholeMap: true,
    version: 1,
  });
});

test("a transaction reads its own writes without depending on them", () => {
  const transaction = new Transaction(new KvState().latest);
  transaction.put("m", "k", bytes("mine"));
  assert.deepEqual(transaction.get("m", "k"), bytes("mine"));
  transaction.remove("m", "k");
  assert.equal(transaction.has("m", "k"), false);
  assert.deepEqual(transaction.reads, []);
});

test("keys keep every byte", () => {
  assert.deepEqual(keyToBytes(keyFromText("é☃")), bytes("é☃"));
});

test("transactions that were committed elsewhere leave what applying and committing leaves", () => {
  const step = fc.tuple(
    fc.constantFrom("m", "n"),
    fc.string({ maxLength: 2 }),
    fc.option(fc.string()),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const [own, elsewhere] = [new KvState(), new KvState()];
      for (const [index, [map, key, value]] of steps.entries()) {
        own.apply(index + 1, write(map, keyFromText(key), value));
        elsewhere.applyCommitted(index + 1, write(map, keyFromText(key), value));
      }
      own.commit(steps.length);
      for (const map of ["m", "n"]) {
        assert.deepEqual([...elsewhere.latest.entries(map)], [...own.committed.entries(map)]);
        assert.equal(elsewhere.committed.mapVersion(map), own.committed.mapVersion(map));
      }
      assert.equal(elsewhere.committedSeqno, own.committedSeqno);
    }),
  );
});

test("a transaction from elsewhere is refused twice, and while others are pending", () => {
  const state = new KvState();
  state.applyCommitted(1, write("m", "k", "one"));
  assert.throws(() => state.applyCommitted(1, write("m", "k", "two")), RangeError);
  state.apply(2, write("m", "k", "two"));
  assert.throws(() => state.applyCommitted(3, write("m", "k", "three")), RangeError);
});
