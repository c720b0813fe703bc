// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createHash } from "node:crypto";
import { digestEntries } from "@consortium/crypto-wasm";
import { decodeEntry } from "../entry/decode-entry.js";
import { compareBinary } from "../entry/encode-maps.js";
import {
  DIGEST_BYTES,
  domainOf,
  EntryType,
  PUBLIC_DOMAIN_OFFSET,
  type Domain,
} from "../entry/layout.js";
import { keyFromText, type KvReader } from "../kv/types.js";
import type { ViewHistory } from "../replica/view-history.js";
import { isSignatureTransaction } from "../signature/parse-signature.js";
import { snapshotErrors } from "./errors.js";
import { padded, snapshotIv, VERSION_BYTES, writeHead, writeTag } from "./layout.js";
import { PartWriter } from "./part-writer.js";
import { Slices } from "./slices.js";

/** Parts are what the store keeps in one row. */
export const SNAPSHOT_PART_BYTES = 1024 * 1024;

export interface SnapshotSource {
  /** `KvState.freeze()`, called when the seqno was committed and nothing after it. */
  readonly state: KvReader;
  /** The entries that were committed last: the last of them is the signature at the seqno. */
  readonly chunk: Uint8Array;
  readonly history: ViewHistory;
  /** The raw ledger secret in force at the seqno. */
  readonly secret: Uint8Array;
  readonly signal?: AbortSignal;
}

/** A snapshot that has no receipt yet. */
export interface SnapshotDraft {
  readonly seqno: number;
  /** SHA-256 of it: the claims digest of the transaction that gives evidence. */
  readonly digest: Uint8Array;
  readonly parts: readonly Uint8Array[];
  readonly byteLength: number;
}

/**
 * Serialises a state, in slices of a few milliseconds. The state must be frozen; its bytes are there
 * once, in parts. The same state gives the same bytes, which is what makes the fixed IV safe: never
 * take one of a state that may be rolled back.
 *
 * @example
 * kv.commit(seqno);
 * const draft = await takeSnapshot({ state: kv.freeze(), chunk, history, secret });
 */
export async function takeSnapshot(source: SnapshotSource): Promise<SnapshotDraft> {
  const { state, secret, signal } = source;
  const slices = new Slices(signal);
  const { seqno, leaf } = lastEntry(source.chunk);
  const writer = new PartWriter(SNAPSHOT_PART_BYTES);
  writer.zeros(PUBLIC_DOMAIN_OFFSET);
  writer.u8(EntryType.snapshot);
  writer.u64(seqno);
  writer.u64(0);
  writer.u64(leaf.length);
  writer.bytes(leaf);
  const starts = viewStarts(source.history, seqno);
  writer.u64(starts.length * 8);
  for (const start of starts) writer.u64(start);
  await writeDomain(writer, state, "public", slices);
  writer.close();
  const publicParts = writer.parts.length;
  const publicLength = writer.length - PUBLIC_DOMAIN_OFFSET;
  await writeDomain(writer, state, "private", slices);
  writer.close();
  const { parts, length } = writer;
  const [head] = parts;
  if (head === undefined) throw new RangeError("a snapshot has a head");
  const privateLength = length - PUBLIC_DOMAIN_OFFSET - publicLength;
  writeHead(head, { seqno, public: publicLength, private: privateLength });
  writeTag(head, await encrypt(parts, publicParts, { seqno, secret, slices }));
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(part);
    if (slices.isOver) await slices.next();
  }
  return { seqno, digest: hash.digest(), parts, byteLength: length };
}

function lastEntry(chunk: Uint8Array): { seqno: number; leaf: Uint8Array } {
  const { offsets, leaves } = digestEntries(chunk);
  const offset = offsets.at(-2);
  const entry = offset === undefined ? undefined : decodeEntry(chunk, offset);
  if (entry === undefined || !isSignatureTransaction(entry.publicWrites)) {
    throw snapshotErrors(
      "SNAPSHOT_NOT_AT_SIGNATURE",
      "a snapshot is taken of what a signature transaction has committed",
    );
  }
  return { seqno: entry.seqno, leaf: leaves.subarray(-DIGEST_BYTES) };
}

/** The first seqno of each view from the first on, also of those that nobody led. */
function viewStarts(history: ViewHistory, seqno: number): number[] {
  const starts: number[] = [];
  for (const { view, firstSeqno } of history.views()) {
    if (firstSeqno > seqno) break;
    while (starts.length < view) starts.push(firstSeqno);
  }
  return starts;
}

/** Keys between two looks at the clock. */
const KEYS_PER_LOOK = 64;
const BYTES_PER_LOOK = 256 * 1024;

async function writeDomain(
  writer: PartWriter,
  state: KvReader,
  domain: Domain,
  slices: Slices,
): Promise<void> {
  const names = state
    .mapNames()
    .filter((name) => domainOf(name) === domain)
    .map((name): [string, string] => [keyFromText(name), name])
    .sort((a, b) => compareBinary(a[0], b[0]));
  for (const [encoded, name] of names) {
    writer.u64(encoded.length);
    writer.latin1(encoded);
    writer.u64(state.mapVersion(name));
    const length = writer.place();
    const start = writer.length;
    let keys = 0;
    let lookedAt = start;
    for (const [key, { value, version }] of state.entries(name)) {
      writer.u64(key.length);
      writer.latin1(key);
      writer.zeros(padded(key.length) - key.length);
      const valueLength = VERSION_BYTES + value.length;
      writer.u64(valueLength);
      writer.u64(version);
      writer.bytes(value);
      writer.zeros(padded(valueLength) - valueLength);
      keys += 1;
      if (keys % KEYS_PER_LOOK !== 0 && writer.length - lookedAt < BYTES_PER_LOOK) continue;
      lookedAt = writer.length;
      if (slices.isOver) await slices.next();
    }
    writer.fill(length, writer.length - start);
  }
}

interface Encryption {
  readonly seqno: number;
  readonly secret: Uint8Array;
  readonly slices: Slices;
}

/** Encrypts the private parts where they are, with the public domain as additional data. */
async function encrypt(
  parts: readonly Buffer[],
  publicParts: number,
  { seqno, secret, slices }: Encryption,
): Promise<Uint8Array> {
  const cipher = createCipheriv("aes-256-gcm", secret, snapshotIv(seqno));
  for (const [index, part] of parts.entries()) {
    if (index >= publicParts) part.set(cipher.update(part));
    else cipher.setAAD(index === 0 ? part.subarray(PUBLIC_DOMAIN_OFFSET) : part);
    if (slices.isOver) await slices.next();
  }
  cipher.final();
  return cipher.getAuthTag();
}
