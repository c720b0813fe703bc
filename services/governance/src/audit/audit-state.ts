// SPDX-License-Identifier: Apache-2.0
import {
  encodeHex,
  type KeyRange,
  type KvKey,
  type KvReader,
  KvState,
  SINGLETON_KEY,
  TABLES,
  type VersionedValue,
  type WriteSet,
} from "@consortium/ledger";
import { MerkleTree } from "@consortium/crypto-wasm";
import { SIGNATURE_TABLES } from "../proposal/snapshot-guard.js";

/** What the signature tables held after one signature transaction. */
export interface SignatureRows {
  readonly seqno: number;
  readonly rows: ReadonlyMap<string, VersionedValue>;
}

const OWN_PREFIX = "public:ccf.";
/** A node that lags decides with the rows of an older signature: this many are remembered. */
const SIGNATURES_KEPT = 256;
const SIGNATURE_BYTES_KEPT = 32 * 1024 * 1024;

/**
 * The public tables of the service as of one transaction. The signature tables are kept apart, for a
 * few transactions back: what a request read there may be older than the rest of what it read.
 */
export class AuditState {
  readonly #kv = new KvState();
  readonly #signatures: SignatureRows[] = [];
  #signatureBytes = 0;

  /** The last transaction in it. */
  get seqno(): number {
    return this.#kv.committedSeqno;
  }

  get kv(): KvReader {
    return this.#kv.committed;
  }

  /** The last signature first. */
  get signatures(): readonly SignatureRows[] {
    return this.#signatures;
  }

  /** Takes over what a transaction wrote. Those in between that wrote nothing public may be left out. */
  apply(seqno: number, writes: WriteSet): void {
    const own: WriteSet = new Map();
    for (const [map, keys] of writes) {
      if (map.startsWith(OWN_PREFIX) && !SIGNATURE_TABLES.has(map)) own.set(map, keys);
    }
    this.#kv.apply(seqno, own);
    this.#kv.commit(seqno);
    this.#keepSignature(seqno, writes);
  }

  /** The state as a request saw it that found these rows in the signature tables. */
  readerWith(signature: SignatureRows | undefined): SignatureReader {
    return new SignatureReader(this.kv, signature);
  }

  #keepSignature(seqno: number, writes: WriteSet): void {
    const written = [...SIGNATURE_TABLES].filter((map) => writes.has(map));
    if (written.length === 0) return;
    const rows = new Map(this.#signatures[0]?.rows);
    for (const map of written) {
      const value = writes.get(map)?.get(SINGLETON_KEY);
      if (value === undefined) continue;
      if (value === null) rows.delete(map);
      else rows.set(map, { value: Buffer.from(value), version: seqno });
    }
    this.#signatures.unshift({ seqno, rows });
    this.#signatureBytes += bytesOf({ seqno, rows });
    while (
      this.#signatures.length > SIGNATURES_KEPT ||
      (this.#signatureBytes > SIGNATURE_BYTES_KEPT && this.#signatures.length > 1)
    ) {
      const oldest = this.#signatures.pop();
      if (oldest !== undefined) this.#signatureBytes -= bytesOf(oldest);
    }
  }
}

/** The root that a signature covers, as hex. */
export function rootOf({ rows }: SignatureRows): string | undefined {
  const tree = rows.get(TABLES.tree);
  if (tree === undefined) return undefined;
  try {
    using merkle = MerkleTree.deserialize(tree.value);
    return encodeHex(merkle.root());
  } catch {
    return undefined;
  }
}

const NO_SIGNATURE: SignatureRows = { seqno: 0, rows: new Map() };

function bytesOf({ rows }: SignatureRows): number {
  return [...rows.values()].reduce((sum, { value }) => sum + value.length, 0);
}

/** Reads the signature tables from one place, and everything else from another. */
export class SignatureReader implements KvReader {
  /** Whether anything was read that depends on which signature it is. */
  hasReadSignature = false;
  readonly #kv: KvReader;
  readonly #signature: SignatureRows;

  constructor(kv: KvReader, signature: SignatureRows = NO_SIGNATURE) {
    this.#kv = kv;
    this.#signature = signature;
  }

  get(map: string, key: KvKey): VersionedValue | undefined {
    if (!SIGNATURE_TABLES.has(map)) return this.#kv.get(map, key);
    this.hasReadSignature = true;
    return key === SINGLETON_KEY ? this.#signature.rows.get(map) : undefined;
  }

  *entries(map: string, range: KeyRange = {}): Iterable<readonly [KvKey, VersionedValue]> {
    if (!SIGNATURE_TABLES.has(map)) {
      yield* this.#kv.entries(map, range);
      return;
    }
    this.hasReadSignature = true;
    const row = this.#signature.rows.get(map);
    const { start = "", end } = range;
    if (row === undefined || SINGLETON_KEY < start) return;
    if (end === undefined || SINGLETON_KEY < end) yield [SINGLETON_KEY, row];
  }

  mapVersion(map: string): number {
    if (!SIGNATURE_TABLES.has(map)) return this.#kv.mapVersion(map);
    return this.#signature.rows.get(map)?.version ?? 0;
  }

  size(map: string): number {
    if (!SIGNATURE_TABLES.has(map)) return this.#kv.size(map);
    return this.#signature.rows.has(map) ? 1 : 0;
  }

  mapNames(): string[] {
    return [...new Set([...this.#kv.mapNames(), ...this.#signature.rows.keys()])].sort();
  }
}
