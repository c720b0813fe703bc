// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import {
  internalRows,
  iterateEntries,
  type KvReader,
  type Replica,
  SINGLETON_KEY,
  type StoredChunk,
  TABLES,
  type ViewHistory,
  type WriteSet,
} from "@consortium/ledger";
import { nodeErrors } from "../errors.js";
import type { Checkpoint } from "../service/checkpoint.js";

/** Holds a ledger against what this node remembers of it. */
export class Anchor {
  readonly #checkpoint: Checkpoint;
  /** The last view this process was given to lead. */
  #ledView = 0;

  constructor(checkpoint: Checkpoint) {
    this.#checkpoint = checkpoint;
  }

  /**
   * A snapshot may not hide the signature that this node saw: it must come by in the entries that
   * follow. A node that remembers nothing may begin with any.
   */
  get snapshotSeqnoMax(): number | undefined {
    const { seqno } = this.#checkpoint.content;
    return seqno === 0 ? undefined : seqno - 1;
  }

  /**
   * The ledger must contain the last signature that this node saw. Whoever verified the entry has
   * computed its root from everything before it.
   */
  check(seqno: number, writes: WriteSet): void {
    const { seqno: anchored, root, signature } = this.#checkpoint.content;
    if (seqno !== anchored) return;
    const row = writes.get(TABLES.signatures)?.get(SINGLETON_KEY);
    const isSame = (found: Uint8Array): boolean =>
      internalRows.signatures.decode(found).root === root &&
      (signature === undefined || digestOf(found) === signature);
    if (row != null && isSame(row)) return;
    throw rolledBack(
      `the store has another transaction at seqno ${seqno} than the one this node saw committed`,
    );
  }

  /** The store must not end before it. */
  requireReached(seqno: number): void {
    const anchored = this.#checkpoint.content.seqno;
    if (seqno >= anchored) return;
    throw rolledBack(
      `this node has verified the ledger up to seqno ${anchored}, the store ends at ${seqno}`,
      { verified_seqno: String(anchored), store_seqno: String(seqno) },
    );
  }

  /** A store that was restored, and written to again, may end at the same seqno in another chunk. */
  requireSameEnd(
    { seqno, kv }: Pick<Replica, "seqno" | "kv">,
    chunk: StoredChunk | undefined,
  ): void {
    const last = chunk === undefined ? undefined : [...iterateEntries(chunk.entries)].at(-1);
    const found = last?.publicWrites.get(TABLES.signatures)?.get(SINGLETON_KEY);
    const verified = kv.committed.get(TABLES.signatures, SINGLETON_KEY)?.value;
    if (found != null && verified !== undefined && Buffer.from(found).equals(verified)) return;
    throw rolledBack(
      `the store ends in another chunk at seqno ${seqno} than this node has verified`,
    );
  }

  /** A view that was led before might encrypt other entries with the same IVs. */
  requireNewView(history: ViewHistory, view: number): void {
    const known = Math.max(this.#ledView, history.views().at(-1)?.view ?? 0);
    if (view <= known) {
      throw rolledBack(`the store gives view ${view} to lead, and this node knows view ${known}`);
    }
    this.#ledView = view;
  }

  /** Remembers the last signature of a state. */
  note(kv: KvReader): void {
    const row = kv.get(TABLES.signatures, SINGLETON_KEY);
    if (row === undefined) return;
    const { root } = internalRows.signatures.decode(row.value);
    this.#checkpoint.note(row.version, root, digestOf(row.value));
  }
}

function digestOf(row: Uint8Array): string {
  return createHash("sha256").update(row).digest("hex");
}

function rolledBack(message: string, details: Record<string, string> = {}): Error {
  return nodeErrors("LEDGER_ROLLED_BACK", message, {
    hint: "restore the newest copy of the database; if none has it, recover the service",
    details,
  });
}
