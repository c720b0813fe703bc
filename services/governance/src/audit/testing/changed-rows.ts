// SPDX-License-Identifier: Apache-2.0
import { digestEntries } from "@consortium/crypto-wasm";
import {
  type DecodedEntry,
  decodeEntry,
  GOVERNANCE_PREFIX,
  TABLES,
  type WriteSet,
} from "@consortium/ledger";
import type { Sandbox } from "../../sandbox/sandbox.js";
import { InProcessAudit, type LeafEntry, type RawEntry } from "./audit-in-process.js";

/** Secrets and signatures that the primary makes anew each time: their form is checked, not their bytes. */
const MADE: ReadonlySet<string> = new Set([
  TABLES.recoveryShares,
  TABLES.historicalEncryptedLedgerSecret,
  TABLES.encryptedLedgerSecrets,
  TABLES.previousServiceIdentityEndorsement,
]);

export type Random = () => number;

/** What was changed, and whether an audit noticed it. */
export interface Change {
  readonly what: string;
  readonly noticed: boolean;
}

/** Changes a byte of some rows that requests wrote (`share` of them), each on its own. */
export async function* changedRows(
  entries: readonly RawEntry[],
  sandbox: Pick<Sandbox, "evaluate">,
  { share, random }: { share: number; random: Random },
): AsyncGenerator<Change> {
  using audit = new InProcessAudit(sandbox);
  for (const { entry, leaf } of entries) {
    for (const [table, key] of isRequest(entry) ? rowsOf(entry.publicWrites) : []) {
      if (random() >= share) continue;
      const publicWrites = changeRow(entry.publicWrites, table, key, random);
      const { complaints } = await audit.check({ ...entry, publicWrites });
      yield { what: `${entry.seqno} ${table} ${key}`, noticed: complaints.length > 0 };
    }
    audit.apply(entry, leaf);
  }
}

/** Changes a byte of one entry, whoever wrote it, and audits on to the proposals that follow. */
export async function changedEntry(
  entries: readonly RawEntry[],
  sandbox: Pick<Sandbox, "evaluate">,
  { at, random }: { at: number; random: Random },
): Promise<Change> {
  const what = `entry ${at + 1}`;
  const changed = changeBytes(entries[at]!, random);
  if (changed === undefined) return { what, noticed: true };
  using audit = new InProcessAudit(sandbox);
  for (const { entry, leaf } of entries.slice(0, at)) audit.apply(entry, leaf);
  if ((await audit.check(changed.entry)).complaints.length > 0) return { what, noticed: true };
  // Nothing follows from the row itself, but its bytes are under every root after it.
  audit.apply(changed.entry, changed.leaf);
  for (const { entry, leaf } of entries.slice(at + 1)) {
    const complaints = isProposal(entry) ? (await audit.check(entry)).complaints : [];
    // A proposal that was executed meanwhile depends on a root before: there is another one after it.
    if (complaints.length > 0) return { what, noticed: true };
    audit.apply(entry, leaf);
  }
  return { what, noticed: false };
}

/** The index of the last proposal: it depends on the root of all that is before it. */
export function lastProposal(entries: readonly RawEntry[]): number {
  return entries.findLastIndex(({ entry }) => isProposal(entry));
}

function isRequest({ publicWrites }: DecodedEntry): boolean {
  return publicWrites.has(TABLES.coseHistory);
}

function isProposal({ publicWrites }: DecodedEntry): boolean {
  const bodies = publicWrites.get(TABLES.proposals)?.values() ?? [];
  return isRequest({ publicWrites } as DecodedEntry) && [...bodies].some((body) => body !== null);
}

function rowsOf(writes: WriteSet): [string, string][] {
  return [...writes].flatMap(([table, keys]) =>
    MADE.has(table) || !table.startsWith(GOVERNANCE_PREFIX)
      ? []
      : [...keys.keys()].map((key): [string, string] => [table, key]),
  );
}

/** One byte of the value, or of the key where the row is removed. */
function changeRow(writes: WriteSet, table: string, key: string, random: Random): WriteSet {
  const keys = new Map(writes.get(table));
  const value = keys.get(key) ?? null;
  if (value !== null && value.length > 0) {
    keys.set(key, changeByte(value, random));
  } else {
    keys.delete(key);
    keys.set(changeByte(Buffer.from(key, "latin1"), random).toString("latin1"), value);
  }
  return new Map(writes).set(table, keys);
}

/** What is before the map records: header, tag, IV, length; type, version and digests. */
const BEFORE_MAPS = 44 + 1 + 8 + 32 + 32 + 8;

/** One byte of the map records; `undefined` if the entry cannot be read any more. */
function changeBytes({ raw }: RawEntry, random: Random): LeafEntry | undefined {
  const bytes = Buffer.concat([
    raw.subarray(0, BEFORE_MAPS),
    changeByte(raw.subarray(BEFORE_MAPS), random),
  ]);
  try {
    return { entry: decodeEntry(bytes), leaf: digestEntries(bytes).leaves };
  } catch {
    return undefined;
  }
}

function changeByte(bytes: Uint8Array, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  const at = Math.floor(random() * changed.length);
  changed[at] = changed[at]! ^ (1 + Math.floor(random() * 255));
  return changed;
}

/** The same numbers each time: mulberry32. */
export function randomNumbers(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
