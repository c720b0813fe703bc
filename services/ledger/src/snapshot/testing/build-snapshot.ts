// SPDX-License-Identifier: Apache-2.0
import { buildCoseReceipt } from "../../receipt/build-cose-receipt.js";
import { buildReceipt } from "../../receipt/build-receipt.js";
import { Replica } from "../../replica/replica.js";
import { SecretRing } from "../../replica/secret-ring.js";
import type { LedgerBuilder } from "../../verify/testing/ledger-builder.js";
import { finishSnapshot, snapshotEvidence, type FinishedSnapshot } from "../finish-snapshot.js";
import { takeSnapshot, type SnapshotDraft } from "../take-snapshot.js";

export interface BuildSnapshotOptions {
  /** The receipt that is appended; COSE by default. */
  readonly receipt?: "cose" | "json";
  /** What is appended to the ledger between the snapshot and its evidence. */
  readonly between?: (ledger: LedgerBuilder) => void;
}

export interface BuiltSnapshot {
  readonly draft: SnapshotDraft;
  readonly finished: FinishedSnapshot;
  /** With its receipt. */
  readonly bytes: Uint8Array;
  /** The state that was serialised. */
  readonly replica: Replica;
  /** What follows the snapshot on the ledger, the evidence and the signature over it included. */
  readonly rest: Uint8Array;
}

/** The replica of a ledger up to its last signature, private maps included. */
export function replicaOf(ledger: LedgerBuilder): Replica {
  const secrets = new SecretRing();
  secrets.add(1, ledger.rawSecret);
  const replica = new Replica({ secrets });
  for (const chunk of ledger.chunks()) replica.feed(chunk);
  return replica;
}

/** Takes a snapshot of a ledger that ends with a signature, and puts its evidence on the ledger. */
export async function buildSnapshot(
  ledger: LedgerBuilder,
  options: BuildSnapshotOptions = {},
): Promise<BuiltSnapshot> {
  const replica = replicaOf(ledger);
  const chunk = ledger.chunks().at(-1) ?? new Uint8Array();
  const draft = await takeSnapshot({
    state: replica.kv.freeze(),
    chunk,
    history: replica.history,
    secret: ledger.rawSecret,
  });
  const first = ledger.entries.length;
  options.between?.(ledger);
  const finished = giveEvidence(ledger, draft, options.receipt);
  return {
    draft,
    finished,
    bytes: Buffer.concat(finished.parts),
    replica,
    rest: Buffer.concat(ledger.entries.slice(first).map(({ bytes }) => bytes)),
  };
}

/** Puts the evidence of a snapshot on the ledger, with a signature after it. */
export function giveEvidence(
  ledger: LedgerBuilder,
  draft: SnapshotDraft,
  kind: "cose" | "json" = "cose",
): FinishedSnapshot {
  const { writes, claimsDigest } = snapshotEvidence(draft);
  const { bytes: entry, seqno } = ledger.append(writes, { claimsDigest });
  const signatureEntry = ledger.sign().bytes;
  const source = { entry, signatureEntry, commitEvidence: ledger.commitEvidence(seqno) };
  const receipt =
    kind === "json" ? Buffer.from(JSON.stringify(buildReceipt(source))) : buildCoseReceipt(source);
  return finishSnapshot(draft, receipt, ledger.service.certPem);
}
