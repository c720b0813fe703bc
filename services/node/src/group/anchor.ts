// SPDX-License-Identifier: Apache-2.0
import {
  internalRows,
  type KvReader,
  SINGLETON_KEY,
  TABLES,
  type WriteSet,
} from "@consortium/ledger";
import { nodeErrors } from "../errors.js";
import type { Checkpoint } from "../service/checkpoint.js";

/** Holds a ledger against what this node remembers of it. */
export class Anchor {
  readonly #checkpoint: Checkpoint;

  constructor(checkpoint: Checkpoint) {
    this.#checkpoint = checkpoint;
  }

  /** The ledger must contain the last signature that this node saw. */
  check(seqno: number, writes: WriteSet): void {
    const { seqno: anchored, root } = this.#checkpoint.content;
    if (seqno !== anchored) return;
    const row = writes.get(TABLES.signatures)?.get(SINGLETON_KEY);
    const found =
      row === undefined || row === null ? undefined : internalRows.signatures.decode(row).root;
    if (found === root) return;
    throw nodeErrors(
      "LEDGER_ROLLED_BACK",
      `the store has another transaction at seqno ${seqno} than the one this node saw committed`,
      { hint: "restore the newest copy of the database; if none has it, recover the service" },
    );
  }

  /** The store must not end before it. */
  requireReached(seqno: number): void {
    const anchored = this.#checkpoint.content.seqno;
    if (seqno >= anchored) return;
    throw nodeErrors(
      "LEDGER_ROLLED_BACK",
      `this node has verified the ledger up to seqno ${anchored}, the store ends at ${seqno}`,
      {
        hint: "restore the newest copy of the database; if none has it, recover the service",
        details: { verified_seqno: String(anchored), store_seqno: String(seqno) },
      },
    );
  }

  /** Remembers the last signature of a state. */
  note(kv: KvReader): void {
    const row = kv.get(TABLES.signatures, SINGLETON_KEY);
    if (row === undefined) return;
    this.#checkpoint.note(row.version, internalRows.signatures.decode(row.value).root);
  }
}
