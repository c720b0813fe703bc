// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { MerkleTree } from "@consortium/crypto-wasm";
import type { channel } from "@consortium/proto";
import {
  encodeHex,
  findConflict,
  KvState,
  keyFromText,
  rows,
  SINGLETON_KEY,
  TABLES,
  type WriteSet,
} from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import type { LedgerPort, LedgerSnapshot, PreparedTransaction } from "../ports.js";

const VIEW = 2;

/**
 * The primary and the replica in one: orders what is submitted on the real state, as long as what
 * it read still holds, and signs after each transaction. Certificates it does not issue.
 */
export class InProcessLedger implements LedgerPort {
  readonly state = new KvState();
  readonly tree = MerkleTree.create();
  readonly effects: channel.Effect[] = [];
  readonly submitted: PreparedTransaction[] = [];
  /** Runs before a submission is ordered: what another node does meanwhile. */
  beforeSubmit: (() => void) | undefined;

  snapshot(): LedgerSnapshot {
    return {
      kv: this.state.committed,
      seqno: this.state.committedSeqno,
      view: VIEW,
      root: this.tree.root(),
    };
  }

  submit(transaction: PreparedTransaction): Promise<{ transactionId: string }> {
    const interfere = this.beforeSubmit;
    this.beforeSubmit = undefined;
    interfere?.();
    const conflict = findConflict(transaction.reads, this.state.latest);
    if (conflict !== undefined) {
      return Promise.reject(
        governanceErrors("TRANSACTION_CONFLICT", `${conflict.map} has changed`),
      );
    }
    this.submitted.push(transaction);
    this.effects.push(...transaction.effects);
    const writes = new Map(transaction.writes);
    if (transaction.effects.some(({ effect }) => effect?.$case === "transitionServiceToOpen")) {
      writes.set(TABLES.serviceInfo, this.#opened());
    }
    const seqno = this.append(writes);
    this.sign();
    return Promise.resolve({ transactionId: `${VIEW}.${seqno}` });
  }

  reached(seqno: number, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.state.committedSeqno >= seqno) return Promise.resolve();
    return new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
  }

  append(writes: WriteSet): number {
    const seqno = this.state.latestSeqno + 1;
    this.state.apply(seqno, writes);
    this.state.commit(seqno);
    this.tree.append(createHash("sha256").update(`entry ${seqno}`).digest());
    return seqno;
  }

  sign(): void {
    const row = { root: encodeHex(this.tree.root()), seqno: this.state.latestSeqno + 1 };
    this.append(
      new Map<string, Map<string, Uint8Array>>([
        [TABLES.signatures, singleton(Buffer.from(JSON.stringify(row)))],
        [TABLES.tree, singleton(this.tree.serialize())],
      ]),
    );
  }

  #opened(): Map<string, Uint8Array> {
    const row = this.state.latest.get(TABLES.serviceInfo, SINGLETON_KEY);
    if (row === undefined) throw new Error("there is no service");
    return singleton(
      rows.serviceInfo.encode({ ...rows.serviceInfo.decode(row.value), status: "Open" }),
    );
  }
}

export function put(writes: WriteSet, map: string, key: string, value: Uint8Array | string): void {
  let keys = writes.get(map);
  if (keys === undefined) writes.set(map, (keys = new Map()));
  keys.set(keyFromText(key), typeof value === "string" ? Buffer.from(value) : value);
}

function singleton(bytes: Uint8Array): Map<string, Uint8Array> {
  return new Map([[SINGLETON_KEY, bytes]]);
}
