// SPDX-License-Identifier: Apache-2.0
import { isIssuedBy } from "@consortium/kit/x509";
import { parseTransactionId } from "../entry/transaction-id.js";
import { verifyEndorsementRow } from "../signature/identity-endorsement.js";
import { readPublicKey, type PublicKey } from "../signature/keys.js";
import type { PreviousServiceIdentityEndorsement } from "../tables/internal-rows.js";
import { decodeHex, encodeHex } from "../tables/json.js";
import type { ServiceInfo, ServiceStatus } from "../tables/rows.js";
import { verifyErrors } from "./errors.js";

/** A root that was signed, and where. */
export interface SignedPoint {
  readonly seqno: number;
  readonly view: number;
  readonly transactionId: string;
  readonly root: Uint8Array;
}

/** One key of the service, from the start or recovery that made it to the next recovery. */
export interface ServiceIdentity {
  readonly certPem: string;
  readonly key: PublicKey;
  readonly status: ServiceStatus;
  /** Where this key became the service's. */
  readonly createdAt: string;
  readonly recoveryCount: number;
  /** The last signature under this key, once another key has followed. */
  readonly lastSigned?: SignedPoint;
  /** True once the service endorsed the identity before it (its own, if it is the first). */
  readonly hasEndorsedPrevious: boolean;
}

/** What the tables say of the service where a ledger is entered in the middle. */
export interface KnownService {
  readonly info: ServiceInfo;
  /** The seqno that wrote it. */
  readonly infoVersion: number;
  readonly endorsement?: {
    readonly row: PreviousServiceIdentityEndorsement;
    readonly version: number;
  };
  readonly previousIdentity?: string;
  readonly previousRoot?: string;
  readonly transactionIdOf: (seqno: number) => string;
}

/** The key before the current one, which a service endorses when it opens. */
interface FormerIdentity {
  readonly key: PublicKey;
  /** Unknown where the ledger was entered after it. */
  readonly createdAt?: string;
  readonly lastSigned?: { readonly transactionId: string; readonly root: Uint8Array };
}

export interface ServiceChange {
  readonly seqno: number;
  readonly transactionId: string;
  readonly signed: SignedPoint | undefined;
  readonly previousIdentity?: string;
  readonly previousRoot?: string;
}

const FOLLOWING: Readonly<Record<ServiceStatus, readonly ServiceStatus[]>> = {
  Opening: ["Open", "WaitingForRecoveryShares"],
  Open: ["Recovering"],
  Recovering: ["WaitingForRecoveryShares"],
  WaitingForRecoveryShares: ["Open"],
};

/** The identities a ledger's service had, and whether each change of them was rightful. */
export class ServiceHistory {
  readonly #identities: ServiceIdentity[] = [];
  #lastEndorsementSeqno: number | undefined;
  /** Before the first identity there is, if the ledger was entered in the middle. */
  #former: FormerIdentity | undefined;
  #hasEarlierFormers = false;

  /** The history from a point in the middle of a ledger on. */
  static enter(known: KnownService): ServiceHistory {
    const { info, endorsement, previousIdentity, previousRoot } = known;
    const history = new ServiceHistory();
    const key = serviceKey(info.cert);
    const createdAt = info.current_service_create_txid ?? known.transactionIdOf(known.infoVersion);
    const createdSeqno = parseTransactionId(createdAt)?.seqno ?? 0;
    const hasEndorsedPrevious = endorsement !== undefined && endorsement.version > createdSeqno;
    if (hasEndorsedPrevious) verifyEndorsementRow(endorsement.row, key);
    const recoveryCount = info.recovery_count ?? 0;
    history.#lastEndorsementSeqno = endorsement?.version;
    history.#hasEarlierFormers = recoveryCount > 1;
    if (previousIdentity !== undefined) {
      const root = previousRoot === undefined ? undefined : decodeHex(previousRoot, 32);
      const transactionId = known.transactionIdOf(createdSeqno - 1);
      const lastSigned = root && { transactionId, root };
      history.#former = { key: serviceKey(previousIdentity), ...(lastSigned && { lastSigned }) };
    }
    const { cert: certPem, status } = info;
    history.#identities.push({
      certPem,
      key,
      status,
      createdAt,
      recoveryCount,
      hasEndorsedPrevious,
    });
    return history;
  }

  /** A copy that goes its own way. */
  fork(): ServiceHistory {
    const fork = new ServiceHistory();
    fork.#identities.push(...this.#identities);
    fork.#lastEndorsementSeqno = this.#lastEndorsementSeqno;
    fork.#former = this.#former;
    fork.#hasEarlierFormers = this.#hasEarlierFormers;
    return fork;
  }

  get current(): ServiceIdentity | undefined {
    return this.#identities.at(-1);
  }

  get identities(): readonly ServiceIdentity[] {
    return this.#identities;
  }

  applyInfo(row: ServiceInfo, change: ServiceChange): void {
    const key = serviceKey(row.cert);
    const { current } = this;
    if (current !== undefined && current.key.id === key.id) {
      requireTransition(current.status, row.status);
      this.#replace({ ...current, certPem: row.cert, status: row.status });
      return;
    }
    if (current === undefined) requireGenesis(row, change);
    else this.#requireRecovery(current, row, change);
    const createdAt = row.current_service_create_txid ?? change.transactionId;
    if (createdAt !== change.transactionId) {
      throw invalid(`the service says it was created at ${createdAt}`);
    }
    this.#identities.push({
      certPem: row.cert,
      key,
      status: row.status,
      createdAt,
      recoveryCount: row.recovery_count ?? 0,
      hasEndorsedPrevious: false,
    });
  }

  /** Checks the COSE endorsement that a service writes when it opens. */
  applyEndorsement(row: PreviousServiceIdentityEndorsement, seqno: number): void {
    const { current } = this;
    if (current === undefined) throw invalid("an identity is endorsed before there is a service");
    const { endorsedKey, epochStart, epochEnd, epochEndRoot } = verifyEndorsementRow(
      row,
      current.key,
    );
    if (row.previous_version !== this.#lastEndorsementSeqno && row.previous_version !== undefined) {
      throw invalid(`the endorsement follows one at ${row.previous_version} that is not there`);
    }
    this.#lastEndorsementSeqno = seqno;
    if (epochEnd === undefined) {
      if (endorsedKey.id !== current.key.id || epochStart !== current.createdAt) {
        throw invalid("a first endorsement must be of the service's own key");
      }
      this.#replace({ ...current, hasEndorsedPrevious: true });
      return;
    }
    const former = this.#findFormer(endorsedKey.id);
    if (former === undefined) {
      // Of what was before the entry only the last identity is known.
      if (!this.#hasEarlierFormers) throw invalid("the endorsed key was never this service's");
    } else if (!isBackwards(epochStart, epochEnd)) {
      const { lastSigned } = former;
      const createdAt = former.createdAt ?? epochStart;
      const root = lastSigned === undefined ? "" : encodeHex(lastSigned.root);
      if (createdAt !== epochStart || lastSigned?.transactionId !== epochEnd) {
        throw invalid(
          `the endorsed key was in force from ${createdAt} to ${lastSigned?.transactionId}`,
        );
      }
      if (epochEndRoot !== undefined && encodeHex(epochEndRoot) !== root) {
        throw invalid("the endorsement names another last root");
      }
    }
    this.#replace({ ...current, hasEndorsedPrevious: true });
  }

  #findFormer(keyId: string): FormerIdentity | undefined {
    const former = this.#identities.slice(0, -1).findLast((one) => one.key.id === keyId);
    return former ?? (this.#former?.key.id === keyId ? this.#former : undefined);
  }

  #requireRecovery(current: ServiceIdentity, row: ServiceInfo, change: ServiceChange): void {
    const { signed } = change;
    if (row.status !== "Recovering" && row.status !== "Opening") {
      throw invalid(`the service's key changed while it is ${row.status}`);
    }
    if (signed === undefined || signed.seqno !== change.seqno - 1) {
      throw invalid("the service's key changed after transactions that nobody signed");
    }
    if (change.previousIdentity !== undefined && change.previousIdentity !== current.certPem) {
      throw invalid("the recovery names another previous service certificate");
    }
    if (change.previousRoot !== undefined && change.previousRoot !== encodeHex(signed.root)) {
      throw invalid("the recovery names another last signed root");
    }
    if (row.recovery_count !== undefined && row.recovery_count !== current.recoveryCount + 1) {
      throw invalid(
        `the recovery count goes from ${current.recoveryCount} to ${row.recovery_count}`,
      );
    }
    this.#replace({ ...current, lastSigned: signed });
  }

  #replace(identity: ServiceIdentity): void {
    this.#identities[this.#identities.length - 1] = identity;
  }
}

function serviceKey(certPem: string): PublicKey {
  let key: PublicKey;
  try {
    key = readPublicKey(certPem);
  } catch (cause) {
    throw verifyErrors("SERVICE_IDENTITY_INVALID", "the service certificate cannot be read", {
      cause,
    });
  }
  if (!isIssuedBy(certPem, certPem))
    throw invalid("the service certificate is not its own issuer's");
  return key;
}

function requireGenesis(row: ServiceInfo, change: ServiceChange): void {
  if (change.seqno !== 1 || row.status !== "Opening") {
    throw verifyErrors(
      "GENESIS_INVALID",
      `the service begins as ${row.status} at ${change.transactionId}`,
    );
  }
}

function requireTransition(from: ServiceStatus, to: ServiceStatus): void {
  if (from === to || to === "Opening" || FOLLOWING[from].includes(to)) return;
  throw verifyErrors("SERVICE_STATUS_INVALID", `the service went from ${from} to ${to}`);
}

/** Two recoveries without opening in between leave an epoch that ends before it begins. */
function isBackwards(epochStart: string, epochEnd: string): boolean {
  const start = parseTransactionId(epochStart);
  const end = parseTransactionId(epochEnd);
  return start !== undefined && end !== undefined && end.seqno < start.seqno;
}

function invalid(message: string): Error {
  return verifyErrors("SERVICE_IDENTITY_INVALID", message);
}
