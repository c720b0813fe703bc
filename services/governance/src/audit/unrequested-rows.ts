// SPDX-License-Identifier: Apache-2.0
import { certificateFacts, isAppError, isIssuedBy, nodeIdOfSpki, parseCsr } from "@consortium/kit";
import { createPublicKey } from "node:crypto";
import {
  canonicalJson,
  GOVERNANCE_PREFIX,
  type JsonObject,
  keyToText,
  type KvKey,
  type KvReader,
  type RowCodec,
  rows,
  SINGLETON_KEY,
  TABLES,
  type WriteSet,
} from "@consortium/ledger";
import { type Complaint, showBytes } from "./finding.js";
import { showKey } from "./compare-rows.js";

/** A transaction that no member asked for. */
export interface UnrequestedRows {
  readonly seqno: number;
  readonly writes: WriteSet;
  /** The state before it. */
  readonly base: KvReader;
}

type Value = Uint8Array | null;
type Rule = (value: Value, key: KvKey, rows: UnrequestedRows) => string | undefined;

/** What the node that starts a service or recovers it may write, besides services, members and nodes. */
const START_TABLES: ReadonlySet<string> = new Set([
  TABLES.constitution,
  TABLES.serviceConfig,
  TABLES.servicePreviousServiceIdentity,
  TABLES.nodesCodeIds,
  TABLES.nodesJoinPolicy,
  TABLES.nodesSealedRecoveryKeys,
  TABLES.nodesSnpHostData,
  TABLES.nodesSnpMeasurements,
  TABLES.nodesSnpTcbVersions,
  TABLES.nodesSnpUvmEndorsements,
  TABLES.nodesVirtualHostData,
  TABLES.nodesVirtualMeasurements,
]);

/**
 * Explains the governance rows of a transaction that records no request: the start of the service, a
 * recovery, a node that joins or is gone. Whatever is left is said to be unexplained.
 */
export function explainUnrequested(transaction: UnrequestedRows): Complaint[] {
  const complaints: Complaint[] = [];
  const isStart = transaction.seqno === 1 || isRecovery(transaction);
  for (const [table, keys] of transaction.writes) {
    if (!table.startsWith(GOVERNANCE_PREFIX)) continue;
    const rule = ruleFor(table, isStart, transaction.seqno);
    for (const [key, value] of keys) {
      const fault = attempt(() => rule(value, key, transaction));
      if (fault === undefined) continue;
      const code = fault === UNEXPLAINED ? "ROW_UNEXPLAINED" : "ROW_MALFORMED";
      complaints.push({
        code,
        message: fault,
        table,
        key: showKey(key),
        found: value === null ? "removed" : showBytes(value),
      });
    }
  }
  return complaints;
}

const UNEXPLAINED = "no request of a member leads to this row";

function attempt(action: () => string | undefined): string | undefined {
  try {
    return action();
  } catch (error) {
    return isAppError(error) ? error.message : "the row cannot be read";
  }
}

function ruleFor(table: string, isStart: boolean, seqno: number): Rule {
  if (table === TABLES.nodesInfo) return isStart ? startedNode : changedNode;
  if (table === TABLES.nodesEndorsedCertificates) return endorsedCertificate;
  if (table === TABLES.nodesSealedRecoveryKeys) return () => undefined;
  if (table === TABLES.serviceInfo) return isStart ? startedService : openedService;
  if (!isStart) return () => UNEXPLAINED;
  if (seqno === 1) {
    switch (table) {
      case TABLES.membersCerts:
        return memberCertificate;
      case TABLES.membersInfo:
        return firstMember;
      case TABLES.membersAcks:
        return firstAck;
      case TABLES.membersEncryptionPublicKeys:
        return (value, key, { writes }) =>
          value === null || writes.get(TABLES.membersCerts)?.has(key) === true
            ? undefined
            : "the encryption key belongs to no member";
      case TABLES.constitution:
        return (value) => shape(value, rows.constitution);
      case TABLES.serviceConfig:
        return (value) => shape(value, rows.serviceConfig);
      default:
        break;
    }
  }
  return START_TABLES.has(table) ? () => undefined : () => UNEXPLAINED;
}

/** A key that the service did not have before; whether it may is the ledger verifier's matter. */
function isRecovery({ writes, base }: UnrequestedRows): boolean {
  const value = writes.get(TABLES.serviceInfo)?.get(SINGLETON_KEY);
  const before = base.get(TABLES.serviceInfo, SINGLETON_KEY);
  if (value === undefined || value === null || before === undefined) return false;
  try {
    const keyOf = (row: Uint8Array): string =>
      certificateFacts(rows.serviceInfo.decode(row).cert).nodeId;
    return keyOf(value) !== keyOf(before.value);
  } catch {
    return false;
  }
}

function startedService(value: Value): string | undefined {
  return shape(value, rows.serviceInfo);
}

/** The shares of the members open a recovered service: the primary notes it, and changes nothing else. */
function openedService(value: Value, key: KvKey, { base }: UnrequestedRows): string | undefined {
  const before = base.get(TABLES.serviceInfo, key);
  if (value === null || before === undefined) return UNEXPLAINED;
  const was = rows.serviceInfo.decode(before.value);
  const is = rows.serviceInfo.decode(value);
  if (was.status !== "WaitingForRecoveryShares" || is.status !== "Open") return UNEXPLAINED;
  const expected = {
    ...was,
    status: is.status,
    previous_service_identity_version: is.previous_service_identity_version,
  };
  return canonicalJson(expected as JsonObject) === canonicalJson(is as JsonObject)
    ? undefined
    : "opening the service changes more than its status";
}

function memberCertificate(value: Value, key: KvKey): string | undefined {
  if (value === null) return undefined;
  const { id } = certificateFacts(rows.memberCertificate.decode(value));
  return id === keyToText(key) ? undefined : "the certificate is another member's";
}

function firstMember(value: Value, key: KvKey, { writes }: UnrequestedRows): string | undefined {
  if (value === null) return UNEXPLAINED;
  if (rows.membersInfo.decode(value).status !== "Accepted")
    return "a member is active before it has acknowledged anything";
  return writes.get(TABLES.membersCerts)?.has(key) === true
    ? undefined
    : "the member has no certificate";
}

function firstAck(value: Value): string | undefined {
  if (value === null) return undefined;
  return rows.membersAcks.decode(value).state_digest === ""
    ? undefined
    : "a first member has acknowledged something already";
}

function startedNode(value: Value, key: KvKey): string | undefined {
  if (value === null) return undefined;
  const info = rows.nodesInfo.decode(value);
  return info.status === "Retired" ? undefined : nodeKeyFault(info, key);
}

/** Admissions, and what follows a node that has retired. */
function changedNode(value: Value, key: KvKey, transaction: UnrequestedRows): string | undefined {
  const { base } = transaction;
  const found = base.get(TABLES.nodesInfo, key);
  const before = found === undefined ? undefined : rows.nodesInfo.decode(found.value);
  if (value === null) return before?.status === "Retired" ? undefined : UNEXPLAINED;
  const info = rows.nodesInfo.decode(value);
  if (before === undefined)
    return nodeKeyFault(info, key) ?? admissionFault(info, key, transaction);
  const { retired_committed: isCommitted, ...rest } = info;
  const { retired_committed: _, ...restBefore } = before;
  const isSame = canonicalJson(rest as JsonObject) === canonicalJson(restBefore as JsonObject);
  return isSame && isCommitted === true && info.status === "Retired" ? undefined : UNEXPLAINED;
}

/** A node is trusted at once only while the service is not open: after that members decide. */
function admissionFault(
  info: rows.NodeInfo,
  key: KvKey,
  { base, writes }: UnrequestedRows,
): string | undefined {
  const service = base.get(TABLES.serviceInfo, SINGLETON_KEY);
  const status = service === undefined ? "Opening" : rows.serviceInfo.decode(service.value).status;
  const isCertified = writes.get(TABLES.nodesEndorsedCertificates)?.get(key) != null;
  if (info.status === "Pending")
    return isCertified ? "a node that is not trusted has a certificate" : undefined;
  if (status === "Open") return "a node was trusted without the members' decision";
  return isCertified ? undefined : "a trusted node has no certificate";
}

function nodeKeyFault(info: rows.NodeInfo, key: KvKey): string | undefined {
  const { public_key: publicKey, certificate_signing_request: csr } = info;
  if (csr !== undefined && parseCsr(csr).nodeId !== keyToText(key))
    return "the signing request is another node's";
  if (publicKey === undefined) return undefined;
  const spki = createPublicKey(publicKey).export({ type: "spki", format: "der" });
  return nodeIdOfSpki(spki) === keyToText(key) ? undefined : "the key is another node's";
}

function endorsedCertificate(
  value: Value,
  key: KvKey,
  { writes, base }: UnrequestedRows,
): string | undefined {
  const node = writes.get(TABLES.nodesInfo)?.get(key);
  if (value === null) return node === null ? undefined : UNEXPLAINED;
  if (node === undefined || node === null) return UNEXPLAINED;
  const certificate = rows.endorsedCertificate.decode(value);
  const written = writes.get(TABLES.serviceInfo)?.get(SINGLETON_KEY);
  const service = written ?? base.get(TABLES.serviceInfo, SINGLETON_KEY)?.value;
  if (service === undefined || service === null) return "there is no service to endorse it";
  if (certificateFacts(certificate).nodeId !== keyToText(key))
    return "the certificate is another node's";
  return isIssuedBy(certificate, rows.serviceInfo.decode(service).cert)
    ? undefined
    : "the certificate is not endorsed by the service";
}

function shape(value: Value, codec: RowCodec<unknown>): string | undefined {
  if (value === null) return "the row is removed";
  codec.decode(value);
  return undefined;
}
