// SPDX-License-Identifier: Apache-2.0
import { createDecipheriv, createHash } from "node:crypto";
import { KvLoader } from "../kv/loader.js";
import type { KvState } from "../kv/state.js";
import { SINGLETON_KEY, type KvReader } from "../kv/types.js";
import { ViewHistory } from "../replica/view-history.js";
import { TABLES } from "../tables/names.js";
import * as rows from "../tables/rows.js";
import { readPublicKey } from "../signature/keys.js";
import { MapsDecoder, type MapSink } from "./decode-maps.js";
import { snapshotErrors } from "./errors.js";
import type { SnapshotName } from "./file-name.js";
import { malformed, readFrame, readStateHeader, type SnapshotFrame } from "./layout.js";
import { Slices } from "./slices.js";
import { verifySnapshotReceipt, type SnapshotReceipt } from "./verify-receipt.js";

export interface ReadSnapshotOptions {
  /**
   * The service that is expected, as known from elsewhere. `undefined` says that nobody knows it: the
   * snapshot then only has to be true to the service that it names itself.
   */
  readonly serviceCertPem: string | undefined;
  /** COSE endorsements of former service identities, newest first. */
  readonly endorsements?: readonly Uint8Array[];
  /**
   * The raw ledger secret that encrypted a seqno; it is called once the public maps are there, which
   * may hold it wrapped. Without this the private maps are left out.
   */
  readonly secretOf?: (
    seqno: number,
    publicMaps: KvReader,
  ) => Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** What the name of the file or the row in the store says. */
  readonly expected?: SnapshotName;
  readonly signal?: AbortSignal;
}

/** A state of the ledger whose bytes were verified. It starts a `LedgerVerifier` or a `Replica`. */
export interface LedgerSnapshot {
  /** Of the signature transaction up to which this is the state. */
  readonly seqno: number;
  readonly view: number;
  /** The leaf of that transaction. */
  readonly leaf: Uint8Array;
  /** SHA-256 of the snapshot, which its evidence on the ledger names. */
  readonly digest: Uint8Array;
  readonly receipt: SnapshotReceipt;
  readonly history: ViewHistory;
  readonly kv: KvState;
  /** Whether the private maps are in the state. */
  readonly hasPrivateMaps: boolean;
}

/** A piece of a domain that is decoded in one go. */
const WINDOW_BYTES = 256 * 1024;

/**
 * Reads a snapshot of ours or of CCF, in slices of a few milliseconds: structure, digest, receipt,
 * and with the ledger secret the private maps. The bytes are not changed and not kept.
 *
 * @example
 * const snapshot = await readSnapshot(bytes, { serviceCertPem, secretOf: (seqno) => ring.rawOf(seqno) });
 * const replica = Replica.fromSnapshot(snapshot, { secrets: ring });
 */
export async function readSnapshot(
  bytes: Uint8Array,
  options: ReadSnapshotOptions,
): Promise<LedgerSnapshot> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const slices = new Slices(options.signal);
  const frame = readFrame(buffer);
  const { seqno } = frame;
  const digest = await digestOf(buffer.subarray(0, frame.bodyEnd), slices);
  const receiptBytes = buffer.subarray(frame.bodyEnd);
  const verify = (serviceCertPem: string): SnapshotReceipt =>
    verifySnapshotReceipt(receiptBytes, { digest, seqno }, { ...options, serviceCertPem });
  // With a certificate nothing is decoded that the service did not sign for.
  let receipt = options.serviceCertPem === undefined ? undefined : verify(options.serviceCertPem);
  const { leaf, viewStarts, mapsStart } = readStateHeader(buffer, frame);
  const loader = new KvLoader();
  const publicMaps = buffer.subarray(mapsStart, frame.privateStart);
  await decode(new MapsDecoder("public", publicMaps.length, seqno, loader), publicMaps, slices);
  const serviceCertPem = serviceCertificate(loader.reader);
  receipt ??= verify(serviceCertPem);
  requirePosition(receipt, seqno, options.expected);
  requireOwnReceipt(receipt, serviceCertPem);
  const hasPrivateMaps = await readPrivateMaps(buffer, frame, { loader, options, slices });
  const history = historyOf(viewStarts);
  return {
    seqno,
    view: history.viewOf(seqno) ?? 0,
    leaf,
    digest,
    receipt,
    history,
    kv: loader.finish(seqno),
    hasPrivateMaps,
  };
}

async function digestOf(body: Buffer, slices: Slices): Promise<Uint8Array> {
  const hash = createHash("sha256");
  for (const piece of pieces(body)) {
    hash.update(piece);
    if (slices.isOver) await slices.next();
  }
  return hash.digest();
}

function* pieces(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
    yield bytes.subarray(at, at + WINDOW_BYTES);
  }
}

/** Decodes what lies in memory; a window grows only for a record that does not fit into it. */
async function decode(decoder: MapsDecoder, bytes: Buffer, slices: Slices): Promise<void> {
  let at = 0;
  for (let size = WINDOW_BYTES; !decoder.isDone;) {
    const taken = decoder.push(bytes.subarray(at, at + size));
    if (taken === 0 && at + size >= bytes.length) throw malformed("a map is cut off");
    size = taken === 0 ? size * 2 : WINDOW_BYTES;
    at += taken;
    if (slices.isOver) await slices.next();
  }
}

interface PrivateMapsContext {
  readonly loader: MapSink & { readonly reader: KvReader };
  readonly options: ReadSnapshotOptions;
  readonly slices: Slices;
}

async function readPrivateMaps(
  buffer: Buffer,
  frame: SnapshotFrame,
  { loader, options, slices }: PrivateMapsContext,
): Promise<boolean> {
  const { seqno } = frame;
  if (options.secretOf === undefined) return false;
  const secret = await options.secretOf(seqno, loader.reader);
  if (secret === undefined) {
    throw snapshotErrors(
      "SNAPSHOT_SECRET_MISSING",
      `the ledger secret of seqno ${seqno} is missing`,
      {
        hint: "join with the secrets of the service, or recover them",
      },
    );
  }
  // Twice: nothing is decoded before the tag is known to fit, and the plaintext is never there whole.
  for await (const _ of openPrivate(buffer, frame, { secret, slices }));
  const length = frame.bodyEnd - frame.privateStart;
  const decoder = new MapsDecoder("private", length, seqno, loader);
  await decodePieces(decoder, openPrivate(buffer, frame, { secret, slices }));
  return true;
}

/** What is left of a piece waits for the next; a record larger than a piece for as many as it needs. */
async function decodePieces(decoder: MapsDecoder, decrypted: AsyncIterable<Buffer>): Promise<void> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let wantedBytes = 0;
  const push = (): void => {
    const window = Buffer.concat(waiting);
    const taken = decoder.push(window);
    waiting = [window.subarray(taken)];
    waitingBytes -= taken;
    wantedBytes = taken === 0 ? waitingBytes * 2 : 0;
  };
  for await (const piece of decrypted) {
    waiting.push(piece);
    waitingBytes += piece.length;
    if (waitingBytes >= wantedBytes) push();
  }
  if (waitingBytes > 0) push();
  if (!decoder.isDone) throw malformed("a private map is cut off");
}

async function* openPrivate(
  buffer: Buffer,
  { tag, iv, publicStart, privateStart, bodyEnd }: SnapshotFrame,
  { secret, slices }: { readonly secret: Uint8Array; readonly slices: Slices },
): AsyncGenerator<Buffer, void, undefined> {
  const decipher = createDecipheriv("aes-256-gcm", secret, iv).setAuthTag(tag);
  for (const piece of pieces(buffer.subarray(publicStart, privateStart))) {
    decipher.setAAD(piece);
    if (slices.isOver) await slices.next();
  }
  for (const piece of pieces(buffer.subarray(privateStart, bodyEnd))) {
    yield decipher.update(piece);
    if (slices.isOver) await slices.next();
  }
  try {
    decipher.final();
  } catch (cause) {
    // The only way `final` fails here is a tag that does not fit.
    throw snapshotErrors("SNAPSHOT_NOT_AUTHENTIC", "the private maps do not open with the secret", {
      hint: "the ledger secret is another one, or the node that made the snapshot is broken",
      cause,
    });
  }
}

function serviceCertificate(publicMaps: KvReader): string {
  const row = publicMaps.get(TABLES.serviceInfo, SINGLETON_KEY);
  if (row === undefined) throw malformed("it says nothing of the service");
  return rows.serviceInfo.decode(row.value).cert;
}

function requirePosition(
  receipt: SnapshotReceipt,
  seqno: number,
  expected: SnapshotName | undefined,
): void {
  if (expected === undefined) return;
  if (expected.seqno === seqno && expected.evidenceSeqno === receipt.seqno) return;
  throw snapshotErrors(
    "SNAPSHOT_POSITION_MISMATCH",
    `it is of seqno ${seqno} with evidence at ${receipt.seqno}, expected were ${expected.seqno} and ${expected.evidenceSeqno}`,
  );
}

/** The service that signed the receipt is the one whose state this is. */
function requireOwnReceipt(receipt: SnapshotReceipt, serviceCertPem: string): void {
  if (receipt.kind !== "cose" || readPublicKey(serviceCertPem).id === receipt.signer) return;
  throw snapshotErrors(
    "SNAPSHOT_SERVICE_MISMATCH",
    "the receipt was signed by another service than the one in the snapshot",
  );
}

/** Entry n is the first seqno of view n + 1; of views that begin alike only the last was led. */
function historyOf(viewStarts: readonly number[]): ViewHistory {
  const history = new ViewHistory();
  for (const [index, start] of viewStarts.entries()) {
    if (viewStarts[index + 1] !== start) history.note(index + 1, start);
  }
  return history;
}
