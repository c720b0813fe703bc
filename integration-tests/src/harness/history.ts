// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { iterateEntries, keyToText, openGroupReader } from "@consortium/ledger";
import { type Acknowledged, HISTORY_MAP, valueOf } from "./write-load.js";

/** A write as it stands on the ledger. */
interface Written {
  readonly transactionId: string;
  readonly value: Uint8Array;
}

/** Every write of the history map that the ledger holds, by key, in the order of the ledger. */
export async function readHistory(auditorUrl: string): Promise<Map<string, Written[]>> {
  const history = new Map<string, Written[]>();
  await using reader = await openGroupReader({ url: auditorUrl, group: 0 });
  let seqno = 0;
  let view = 0;
  for await (const { entries } of reader.replay(1)) {
    for (const entry of iterateEntries(entries)) {
      assert.equal(entry.seqno, seqno + 1, "the ledger has no gaps");
      assert.ok(entry.view >= view, "views never go back");
      ({ seqno, view } = entry);
      for (const [key, value] of entry.publicWrites.get(HISTORY_MAP) ?? []) {
        assert.ok(value !== null, "nothing was removed");
        const written = history.get(keyToText(key)) ?? [];
        written.push({ transactionId: `${view}.${seqno}`, value });
        history.set(keyToText(key), written);
      }
    }
  }
  return history;
}

/**
 * What was acknowledged is on the ledger, once, as the transaction that was named; what was not may
 * be there or not, but never twice.
 */
export function checkHistory(
  history: ReadonlyMap<string, readonly Written[]>,
  acknowledged: readonly Acknowledged[],
): void {
  for (const { key, transactionId } of acknowledged) {
    const written = history.get(key) ?? [];
    assert.deepEqual(
      written.map((one) => one.transactionId),
      [transactionId],
      `the acknowledged write ${key}`,
    );
  }
  for (const [key, written] of history) {
    assert.equal(written.length, 1, `${key} was written ${written.length} times`);
    assert.deepEqual(Buffer.from(written[0]?.value ?? []), Buffer.from(valueOf(key)));
  }
}
