// SPDX-License-Identifier: Apache-2.0
import { digestEntries, MerkleTree } from "@consortium/crypto-wasm";
import { type AppError, isAppError } from "@consortium/kit/errors";
import { decodeEntry, type DecodedEntry } from "../entry/decode-entry.js";
import { EntryFlag } from "../entry/layout.js";
import { formatTransactionId } from "../entry/transaction-id.js";
import { readPublicKey } from "../signature/keys.js";
import { isSignatureTransaction } from "../signature/parse-signature.js";
import { atPlace, verifyErrors } from "./errors.js";
import type { ServiceIdentity } from "./service-history.js";
import { checkSignature, type SignatureChoice, type VerifiedSignature } from "./signature-check.js";
import type { LedgerSnapshot } from "../snapshot/read-snapshot.js";
import { checkEvidence, enterAtSnapshot, type SnapshotFacts } from "./snapshot-entry.js";
import { TrustState } from "./trust-state.js";

export interface LedgerVerifierOptions {
  /** "all" by default; "service" saves the check of a node's signature where the service's is there. */
  readonly signatures?: SignatureChoice;
  /** Refuse signature transactions that the service did not sign. False by default: old ledgers. */
  readonly requireServiceSignature?: boolean;
  /**
   * The certificate of the service that is expected, as known from elsewhere. A ledger may have had
   * other identities before it, but none after it: whoever can write to the ledger's store could
   * otherwise append a recovery of their own. Whether it was reached, {@link
   * LedgerVerifier.hasExpectedService} tells.
   */
  readonly serviceCertPem?: string;
}

/** What {@link LedgerVerifier.feed} read. */
export interface VerifiedEntries {
  readonly entries: readonly DecodedEntry[];
  /** 32 bytes for each entry. */
  readonly leaves: Uint8Array;
  /** 32 bytes for each entry. */
  readonly writeSetDigests: Uint8Array;
  /** The last signature among these entries; what comes after it is not signed yet. */
  readonly lastSignature?: VerifiedSignature;
}

const DIGEST_BYTES = 32;

/**
 * Verifies a ledger from its first entry on, without any key but what the ledger itself establishes:
 * order, digests, Merkle roots, signatures, trust of the signing nodes, status and identity of the
 * service. A replica, a replay and the verification of files all go through it.
 *
 * @example
 * const verifier = new LedgerVerifier();
 * for await (const chunk of chunks) {
 *   const { entries, lastSignature } = verifier.feed(chunk);
 * }
 */
export class LedgerVerifier {
  #tree = MerkleTree.create();
  #trust = new TrustState();
  readonly #options: LedgerVerifierOptions;
  readonly #expectedKeyId: string | undefined;
  #lastSeqno = 0;
  #lastView = 0;
  #lastSignature: VerifiedSignature | undefined;
  #signatureCount = 0;
  #hasStopped = false;
  /** Where it started from, if not from the first entry. */
  #start: SnapshotFacts | undefined;

  constructor(options: LedgerVerifierOptions = {}) {
    this.#options = options;
    const { serviceCertPem } = options;
    this.#expectedKeyId =
      serviceCertPem === undefined ? undefined : readPublicKey(serviceCertPem).id;
  }

  /**
   * Goes on from a snapshot; the next entry fed is the one after it. The snapshot's receipt was
   * verified when it was read, but nothing should depend on it while {@link awaitsEvidence}.
   *
   * @example
   * const verifier = LedgerVerifier.fromSnapshot(await readSnapshot(bytes, { serviceCertPem }));
   */
  static fromSnapshot(
    snapshot: LedgerSnapshot,
    options: LedgerVerifierOptions = {},
  ): LedgerVerifier {
    const { tree, trust, signature } = enterAtSnapshot(snapshot, {
      signatures: options.signatures ?? "all",
      requireServiceSignature: options.requireServiceSignature ?? false,
    });
    const verifier = new LedgerVerifier(options);
    verifier.#tree.dispose();
    verifier.#tree = tree;
    verifier.#trust = trust;
    verifier.#lastSeqno = snapshot.seqno;
    verifier.#lastView = snapshot.view;
    verifier.#lastSignature = signature;
    const { seqno, digest, receipt } = snapshot;
    verifier.#start = { seqno, digest, receipt };
    return verifier;
  }

  /** Whether the transaction that gives evidence of the snapshot, signed, is still to come. */
  get awaitsEvidence(): boolean {
    const start = this.#start;
    return start !== undefined && start.receipt.seqno >= (this.#lastSignature?.seqno ?? 0);
  }

  /** The seqno of the snapshot it started from; 0 if it started from the first entry. */
  get startSeqno(): number {
    return this.#start?.seqno ?? 0;
  }

  get lastSeqno(): number {
    return this.#lastSeqno;
  }

  get lastView(): number {
    return this.#lastView;
  }

  get lastSignature(): VerifiedSignature | undefined {
    return this.#lastSignature;
  }

  get signatureCount(): number {
    return this.#signatureCount;
  }

  /** The service in force; throws before the first entry. */
  get service(): ServiceIdentity {
    return this.#trust.requireService();
  }

  /** Whether the service in force is the expected one; true if none was named. */
  get hasExpectedService(): boolean {
    const current = this.#trust.services.current?.key.id;
    return this.#expectedKeyId === undefined || this.#expectedKeyId === current;
  }

  /** Every key the service had, oldest first. */
  get services(): readonly ServiceIdentity[] {
    return this.#trust.services.identities;
  }

  /**
   * The tree over everything fed so far. It keeps the leaves from the last signature on, as the tree
   * in the next signature transaction must. A primary that goes on with it stops feeding.
   */
  get tree(): MerkleTree {
    return this.#tree;
  }

  /**
   * A verifier at the same point that goes its own way: to check entries from a source that may be
   * wrong, and to stay here if they are.
   */
  fork(): LedgerVerifier {
    const fork = new LedgerVerifier(this.#options);
    fork.#tree.dispose();
    fork.#tree = MerkleTree.deserialize(this.#tree.serialize());
    fork.#trust = this.#trust.fork();
    fork.#lastSeqno = this.#lastSeqno;
    fork.#lastView = this.#lastView;
    fork.#lastSignature = this.#lastSignature;
    fork.#signatureCount = this.#signatureCount;
    fork.#hasStopped = this.#hasStopped;
    fork.#start = this.#start;
    return fork;
  }

  /** Frees the tree, unless a primary goes on with it. */
  dispose(): void {
    this.#hasStopped = true;
    this.#tree.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /**
   * Verifies the entries that follow. Throws an `AppError` at the first fault, with `transactionId`,
   * `seqno` and, if the entry is among these, `offset` in its details; after that nothing more is
   * accepted.
   */
  feed(bytes: Uint8Array): VerifiedEntries {
    if (this.#hasStopped) {
      throw verifyErrors("VERIFIER_STOPPED", "a fault was found before, nothing more is accepted");
    }
    try {
      return this.#feed(bytes);
    } catch (error) {
      this.#hasStopped = true;
      throw error;
    }
  }

  #feed(bytes: Uint8Array): VerifiedEntries {
    const signedBefore = this.#lastSignature;
    const { entries, end, fault } = decodeUntilFault(bytes, this.#lastSeqno);
    const { leaves, writeSetDigests } = digestEntries(bytes.subarray(0, end));
    let appended = 0;
    const appendUntil = (count: number): void => {
      if (count > appended) {
        this.#tree.append(leaves.subarray(appended * DIGEST_BYTES, count * DIGEST_BYTES));
      }
      appended = count;
    };
    for (let index = 0; index < entries.length; index += 1) {
      const entry = entries[index] as DecodedEntry;
      try {
        this.#checkOrder(entry);
        this.#applyTrust(entry);
        if (entry.seqno === this.#start?.receipt.seqno) checkEvidence(this.#start, entry);
        if (isSignatureTransaction(entry.publicWrites)) {
          appendUntil(index);
          this.#lastSignature = this.#checkSignature(entry, bytes);
          this.#signatureCount += 1;
          appendUntil(index + 1);
          this.#tree.flush(entry.seqno);
        }
      } catch (error) {
        throw located(error, entry, entries);
      }
      this.#lastSeqno = entry.seqno;
      this.#lastView = entry.view;
    }
    appendUntil(entries.length);
    if (fault !== undefined) throw fault;
    const lastSignature = this.#lastSignature;
    return {
      entries,
      leaves,
      writeSetDigests,
      ...(lastSignature && lastSignature !== signedBefore && { lastSignature }),
    };
  }

  #applyTrust(entry: DecodedEntry): void {
    const before = this.#trust.services.current;
    this.#trust.apply(entry, this.#lastSignature);
    const now = this.#trust.requireService();
    if (before === now || before === undefined || this.#expectedKeyId !== before.key.id) return;
    if (now.key.id !== before.key.id) {
      throw verifyErrors(
        "SERVICE_IDENTITY_MISMATCH",
        "a recovery by another service follows the expected service's transactions",
        { hint: "after a recovery that the members know of, use the new service certificate" },
      );
    }
  }

  #checkOrder(entry: DecodedEntry): void {
    const expected = this.#lastSeqno + 1;
    if (entry.seqno !== expected) {
      throw verifyErrors("SEQNO_NOT_CONTIGUOUS", `seqno ${entry.seqno} follows ${expected - 1}`);
    }
    const isAfterSignature = this.#lastSignature?.seqno === this.#lastSeqno;
    if (entry.view !== this.#lastView && expected > 1) {
      if (entry.view < this.#lastView) {
        throw verifyErrors("VIEW_INVALID", `view ${entry.view} follows view ${this.#lastView}`);
      }
      if (!isAfterSignature) {
        throw verifyErrors("VIEW_INVALID", "a view begins after transactions that nobody signed");
      }
    }
    if ((entry.flags & EntryFlag.chunkBefore) !== 0 && !isAfterSignature && expected > 1) {
      throw verifyErrors(
        "CHUNK_FLAG_INVALID",
        "a chunk begins after transactions that nobody signed",
      );
    }
  }

  #checkSignature(entry: DecodedEntry, bytes: Uint8Array): VerifiedSignature {
    return checkSignature(entry, bytes, {
      tree: this.#tree,
      trust: this.#trust,
      previous: this.#lastSignature,
      signatures: this.#options.signatures ?? "all",
      requireServiceSignature: this.#options.requireServiceSignature ?? false,
    });
  }
}

/** Adds the place of the entry that was being checked, or of the earlier one that the error names. */
function located(error: unknown, entry: DecodedEntry, entries: readonly DecodedEntry[]): unknown {
  if (!isAppError(error)) return error;
  const seqno = Number(error.details.seqno ?? entry.seqno);
  const named = entries.find((one) => one.seqno === seqno);
  return atPlace(error, {
    transactionId: error.details.transactionId ?? formatTransactionId(entry.view, entry.seqno),
    seqno,
    ...(named && { offset: named.offset }),
  });
}

interface DecodedPrefix {
  readonly entries: DecodedEntry[];
  /** Where the last readable entry ends. */
  readonly end: number;
  /** What is wrong with the entry after it. */
  readonly fault?: AppError;
}

/** What comes before an unreadable entry is checked all the same: the first fault is to be named. */
function decodeUntilFault(bytes: Uint8Array, lastSeqno: number): DecodedPrefix {
  const entries: DecodedEntry[] = [];
  let end = 0;
  while (end < bytes.length) {
    try {
      const entry = decodeEntry(bytes, end);
      entries.push(entry);
      end += entry.length;
    } catch (error) {
      if (!isAppError(error)) throw error;
      const seqno = lastSeqno + entries.length + 1;
      const fault = atPlace(error, { transactionId: `?.${seqno}`, seqno, offset: end });
      return { entries, end, fault };
    }
  }
  return { entries, end };
}
