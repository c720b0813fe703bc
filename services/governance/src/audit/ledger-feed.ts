// SPDX-License-Identifier: Apache-2.0
import { isAppError } from "@consortium/kit";
import { type DecodedEntry, GOVERNANCE_PREFIX, keyToText, TABLES } from "@consortium/ledger";
import type { ReadVersion } from "./auditor.js";
import type { LedgerBatch, LedgerSource, SourceSummary } from "./ledger-source.js";
import { parseRecorded, recordedEnvelopes } from "./recorded-request.js";
import { RootHistory } from "./root-history.js";
import type { Shard } from "./shard.js";
import type { ShardItem } from "./shard-protocol.js";

/** Which transactions are judged. Those before are read all the same: the state comes from them. */
export interface AuditRange {
  readonly fromSeqno: number;
  readonly toSeqno: number;
}

export interface FeedOptions {
  readonly source: LedgerSource;
  /** Asked once, when it is known whether there is little or much to judge. */
  readonly openShards: (isMuch: boolean) => readonly Shard[];
  /** Whose turn the n-th governance transaction is; `undefined` for one that was judged before. */
  readonly shardOf: (shards: readonly Shard[], ordinal: number, seqno: number) => Shard | undefined;
  readonly range: AuditRange;
  /** Sees every transaction that touches governance. */
  readonly onGovernance?: ((entry: DecodedEntry) => void) | undefined;
  /** Sees every transaction. */
  readonly onEntry?: ((entry: DecodedEntry) => void) | undefined;
}

const OWN_PREFIX = "public:ccf.";
const BATCH_ITEMS_MAX = 128;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;

/** Reads a ledger and deals its governance transactions out to the shards. */
export async function feedShards(options: FeedOptions): Promise<SourceSummary> {
  using roots = new RootHistory();
  const feed = new Feed(options, roots);
  const summary = await options.source.read((batch) => feed.take(batch));
  await feed.end();
  return summary;
}

interface Pending {
  readonly bytes: Uint8Array;
  readonly seqno: number;
  /** Of a governance transaction in the range. */
  readonly ordinal: number | undefined;
  readonly readVersion: ReadVersion | undefined;
}

class Feed {
  readonly #options: FeedOptions;
  readonly #roots: RootHistory;
  #shards: readonly Shard[] | undefined;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #ordinal = 0;

  constructor(options: FeedOptions, roots: RootHistory) {
    this.#options = options;
    this.#roots = roots;
  }

  async take({ entries, bytes, leaves }: LedgerBatch): Promise<void> {
    this.#roots.append(leaves);
    for (const entry of entries) {
      this.#options.onEntry?.(entry);
      const tables = touchedTables(entry);
      if (tables === "none") continue;
      this.#add(entry, bytes, tables === "governance");
      const isFull = this.#pending.length >= BATCH_ITEMS_MAX;
      if (isFull || this.#pendingBytes >= BATCH_BYTES_MAX) await this.#flush(true);
    }
  }

  async end(): Promise<void> {
    await this.#flush(false);
    await Promise.all(this.#shards?.map((shard) => shard.settle()) ?? []);
  }

  async #flush(isMuch: boolean): Promise<void> {
    this.#shards ??= this.#options.openShards(isMuch);
    const shards = this.#shards;
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    const bytes = Buffer.concat(pending.map((item) => item.bytes));
    this.#pending = [];
    this.#pendingBytes = 0;
    const owners = pending.map(({ ordinal, seqno }) =>
      ordinal === undefined ? undefined : this.#options.shardOf(shards, ordinal, seqno),
    );
    await Promise.all(
      shards.map((shard) => shard.send({ bytes, items: itemsFor(shard, pending, owners) })),
    );
  }

  #add(entry: DecodedEntry, bytes: Uint8Array, isGovernance: boolean): void {
    let ordinal: number | undefined;
    if (isGovernance) {
      const { range, onGovernance } = this.#options;
      onGovernance?.(entry);
      const isInRange = entry.seqno >= range.fromSeqno && entry.seqno <= range.toSeqno;
      if (isInRange) ordinal = this.#ordinal;
      this.#ordinal += 1;
    }
    this.#pending.push({
      bytes: bytes.subarray(entry.offset, entry.offset + entry.length),
      seqno: entry.seqno,
      ordinal,
      readVersion: ordinal === undefined ? undefined : findReadVersion(entry, this.#roots),
    });
    this.#pendingBytes += entry.length;
  }
}

function itemsFor(
  shard: Shard,
  pending: readonly Pending[],
  owners: readonly (Shard | undefined)[],
): ShardItem[] {
  let offset = 0;
  return pending.map(({ bytes, readVersion }, index) => {
    const item = { offset, isOwn: owners[index] === shard };
    offset += bytes.length;
    return readVersion === undefined ? item : { ...item, readVersion };
  });
}

function touchedTables({ publicWrites }: DecodedEntry): "governance" | "own" | "none" {
  let touched: "own" | "none" = "none";
  for (const map of publicWrites.keys()) {
    if (!map.startsWith(OWN_PREFIX)) continue;
    if (map.startsWith(GOVERNANCE_PREFIX)) return "governance";
    touched = "own";
  }
  return touched;
}

/** The state that a new proposal was made on: its id is made of that state's root. */
export function findReadVersion(
  { seqno, publicWrites }: Pick<DecodedEntry, "seqno" | "publicWrites">,
  roots: RootHistory,
): ReadVersion | undefined {
  const [row] = recordedEnvelopes(publicWrites).values();
  const ids = [...(publicWrites.get(TABLES.proposals) ?? [])].filter(([, body]) => body !== null);
  if (row === undefined || ids.length === 0) return undefined;
  try {
    const { digest } = parseRecorded(row);
    for (const [key] of ids) {
      const found = roots.findReadVersion(keyToText(key), digest, seqno);
      if (found !== undefined) return { seqno: found, root: roots.rootAt(found) };
    }
  } catch (error) {
    // A request that cannot be read is for the auditor to report.
    if (!isAppError(error)) throw error;
  }
  return undefined;
}
