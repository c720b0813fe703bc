// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";
import type { DecodedEntry } from "../entry/index.js";
import { decodeMaps } from "../entry/index.js";
import { KvState, type WriteSet } from "../kv/index.js";
import type { LedgerSnapshot } from "../snapshot/index.js";
import { LedgerVerifier } from "../verify/index.js";
import type { SecretRing } from "./secret-ring.js";
import { ViewHistory } from "./view-history.js";

const replicaErrors = defineErrors({ CHUNK_NOT_SIGNED: "data_loss" });

const VERIFICATION = { signatures: "service", requireServiceSignature: true } as const;

export interface ReplicaOptions {
  /** Decrypts private maps; without it they are left out. */
  readonly secrets?: SecretRing;
  /** Sees the public writes of every verified entry, in order and before anything is decrypted. */
  readonly onEntry?: (seqno: number, publicWrites: WriteSet) => void;
}

/**
 * A verified copy of a group's state, fed with chunks from wherever: nothing is applied that is not
 * covered by a signature of the service.
 */
export class Replica {
  readonly kv: KvState;
  readonly history: ViewHistory;
  readonly #verifier: LedgerVerifier;
  readonly #options: ReplicaOptions;

  constructor(options: ReplicaOptions = {}, snapshot?: LedgerSnapshot) {
    this.#options = options;
    this.kv = snapshot?.kv ?? new KvState();
    this.history = snapshot?.history ?? new ViewHistory();
    this.#verifier =
      snapshot === undefined
        ? new LedgerVerifier(VERIFICATION)
        : LedgerVerifier.fromSnapshot(snapshot, VERIFICATION);
  }

  /**
   * A replica that begins with a snapshot, which becomes its own; the next chunk fed is the one after
   * it. Its private maps are there if the snapshot was read with the ledger secret.
   *
   * @example
   * const replica = Replica.fromSnapshot(await readSnapshot(bytes, { serviceCertPem, secretOf }));
   * for await (const { entries } of store.replay(replica.seqno + 1)) replica.feed(entries);
   * if (replica.awaitsEvidence) throw …; // the ledger ends before it proves the snapshot
   */
  static fromSnapshot(snapshot: LedgerSnapshot, options: ReplicaOptions = {}): Replica {
    return new Replica(options, snapshot);
  }

  /** Whether the ledger has still to give evidence of the snapshot it began with: serve nothing yet. */
  get awaitsEvidence(): boolean {
    return this.#verifier.awaitsEvidence;
  }

  /** The seqno of the snapshot it began with; 0 if it began with the first transaction. */
  get startSeqno(): number {
    return this.#verifier.startSeqno;
  }

  /** The last verified seqno; 0 before the first chunk. */
  get seqno(): number {
    return this.kv.committedSeqno;
  }

  /** The Merkle root over every entry so far. */
  root(): Uint8Array {
    return this.#verifier.tree.root();
  }

  /** The serialised Merkle tree over every entry so far, flushed as the next signature needs it. */
  tree(): Uint8Array {
    return this.#verifier.tree.serialize();
  }

  /** Verifies the next chunk and applies it. Throws on the first fault; then nothing was applied. */
  feed(chunk: Uint8Array): void {
    const { entries, lastSignature } = this.#verifier.feed(chunk);
    const last = entries.at(-1);
    if (last === undefined || lastSignature?.seqno !== last.seqno)
      throw notSigned(last?.seqno ?? 0);
    for (const entry of entries) this.#options.onEntry?.(entry.seqno, entry.publicWrites);
    const privateWrites = this.#openPrivate(entries, chunk);
    for (const [index, { seqno, view, publicWrites }] of entries.entries()) {
      this.kv.applyCommitted(seqno, merged(publicWrites, privateWrites[index]));
      this.history.note(view, seqno);
    }
  }

  /** Of each entry that has any; entries that one secret encrypted are opened together. */
  #openPrivate(
    entries: readonly DecodedEntry[],
    chunk: Uint8Array,
  ): readonly (WriteSet | undefined)[] {
    const { secrets } = this.#options;
    if (secrets === undefined) return [];
    const opened: (WriteSet | undefined)[] = [];
    for (let first = 0; first < entries.length;) {
      const secret = secrets.secretOf(entries[first]?.seqno ?? 0);
      let end = first + 1;
      while (end < entries.length && secrets.secretOf(entries[end]?.seqno ?? 0) === secret)
        end += 1;
      if (secret !== undefined) {
        const plaintexts = secret.open(bytesOf(entries.slice(first, end), chunk));
        for (const [index, plain] of plaintexts.entries()) {
          opened[first + index] = plain.length > 0 ? decodeMaps(plain, "private") : undefined;
        }
      }
      first = end;
    }
    return opened;
  }
}

function bytesOf(entries: readonly DecodedEntry[], chunk: Uint8Array): Uint8Array {
  const last = entries.at(-1);
  return chunk.subarray(entries[0]?.offset ?? 0, (last?.offset ?? 0) + (last?.length ?? 0));
}

function merged(publicWrites: WriteSet, privateWrites: WriteSet | undefined): WriteSet {
  if (privateWrites === undefined) return publicWrites;
  if (publicWrites.size === 0) return privateWrites;
  return new Map([...publicWrites, ...privateWrites]);
}

function notSigned(seqno: number): Error {
  return replicaErrors(
    "CHUNK_NOT_SIGNED",
    `the chunk that ends at seqno ${seqno} does not end in a signature`,
    {
      hint: "the store or the primary is broken: verify the ledger with `ccfctl ledger verify`",
    },
  );
}
