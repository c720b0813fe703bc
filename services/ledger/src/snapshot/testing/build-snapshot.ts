// SPDX-License-Identifier: Apache-2.0
import { decodeMaps } from "../../entry/decode-maps.js";
import { KvState } from "../../kv/state.js";
import type { KvReader, WriteSet } from "../../kv/types.js";
import { buildCoseReceipt } from "../../receipt/build-cose-receipt.js";
import { buildReceipt } from "../../receipt/build-receipt.js";
import { ViewHistory } from "../../replica/view-history.js";
import type { LedgerBuilder } from "../../verify/testing/ledger-builder.js";
import { decodeEntry } from "../../entry/decode-entry.js";
import { finishSnapshot, snapshotEvidence, type FinishedSnapshot } from "../finish-snapshot.js";
import { takeSnapshot, type SnapshotDraft } from "../take-snapshot.js";

export interface EvidenceOptions {
  /** The receipt that is appended; COSE by default. */
  readonly receipt?: "cose" | "json";
  /** What is written instead of the evidence. */
  readonly writes?: WriteSet;
}

export interface BuildSnapshotOptions extends EvidenceOptions {
  /** What is appended to the ledger between the snapshot and its evidence. */
  readonly between?: (ledger: LedgerBuilder) => void;
}

export interface LedgerState {
  readonly kv: KvState;
  readonly history: ViewHistory;
}

export interface BuiltSnapshot extends LedgerState {
  readonly draft: SnapshotDraft;
  readonly finished: FinishedSnapshot;
  /** With its receipt. */
  readonly bytes: Uint8Array;
  /** What follows the snapshot on the ledger, the evidence and the signature over it included. */
  readonly rest: Uint8Array;
}

/** The state that a ledger's entries lead to, private maps included. */
export function stateOf(ledger: LedgerBuilder): LedgerState {
  const kv = new KvState();
  const history = new ViewHistory();
  for (const { seqno, view, bytes } of ledger.entries) {
    const [plain = new Uint8Array()] = ledger.secret.open(bytes);
    const { publicWrites } = decodeEntry(bytes);
    kv.apply(seqno, new Map([...publicWrites, ...decodeMaps(plain, "private")]));
    history.note(view, seqno);
  }
  kv.commit(ledger.lastSeqno);
  return { kv, history };
}

/** Takes a snapshot of a ledger that ends with a signature, and puts its evidence on the ledger. */
export async function buildSnapshot(
  ledger: LedgerBuilder,
  options: BuildSnapshotOptions = {},
): Promise<BuiltSnapshot> {
  const { kv, history } = stateOf(ledger);
  const draft = await takeSnapshot({
    state: kv.freeze(),
    chunk: ledger.chunks().at(-1) ?? new Uint8Array(),
    history,
    secret: ledger.rawSecret,
  });
  const first = ledger.entries.length;
  options.between?.(ledger);
  const finished = giveEvidence(ledger, draft, options);
  return {
    kv,
    history,
    draft,
    finished,
    bytes: Buffer.concat(finished.parts),
    rest: Buffer.concat(ledger.entries.slice(first).map(({ bytes }) => bytes)),
  };
}

/** Puts the evidence of a snapshot on the ledger, with a signature after it. */
export function giveEvidence(
  ledger: LedgerBuilder,
  draft: SnapshotDraft,
  options: EvidenceOptions = {},
): FinishedSnapshot {
  const evidence = snapshotEvidence(draft);
  const { claimsDigest } = evidence;
  const { bytes: entry, seqno } = ledger.append(options.writes ?? evidence.writes, {
    claimsDigest,
  });
  const signatureEntry = ledger.sign().bytes;
  const source = { entry, signatureEntry, commitEvidence: ledger.commitEvidence(seqno) };
  const receipt =
    options.receipt === "json"
      ? Buffer.from(JSON.stringify(buildReceipt(source)))
      : buildCoseReceipt(source);
  return finishSnapshot(draft, receipt, ledger.service.certPem);
}

/** Every map with its version, and every key with value and version. */
export function contentOf(state: KvReader): unknown[] {
  return state
    .mapNames()
    .map((name) => [
      name,
      state.mapVersion(name),
      [...state.entries(name)].map(([key, { value, version }]) => [
        key,
        Buffer.from(value).toString("hex"),
        version,
      ]),
    ]);
}
