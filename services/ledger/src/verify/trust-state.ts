// SPDX-License-Identifier: Apache-2.0
import { certificateFacts, isIssuedBy } from "@consortium/kit/x509";
import type { DecodedEntry } from "../entry/decode-entry.js";
import { formatTransactionId } from "../entry/transaction-id.js";
import { SINGLETON_KEY, type KvKey, type KvReader, type VersionedValue } from "../kv/types.js";
import { readPublicKey, type PublicKey } from "../signature/keys.js";
import * as internal from "../tables/internal-rows.js";
import { TABLES } from "../tables/names.js";
import * as rows from "../tables/rows.js";
import { verifyErrors } from "./errors.js";
import { ServiceHistory, type ServiceIdentity, type SignedPoint } from "./service-history.js";

interface NodeState {
  readonly status: rows.NodeStatus;
  readonly role: rows.NodeRole;
}

const CCF_PREFIX = "public:ccf.";

/** Whom the ledger itself trusts at the point reached: its service, its nodes, their certificates. */
export class TrustState {
  readonly services: ServiceHistory;
  readonly #nodes = new Map<string, NodeState>();
  /** By node: every certificate it was given, the one in force last. */
  readonly #certificates = new Map<string, readonly string[]>();
  /** Nodes of ledgers before endorsement, whose certificates stand in their own rows. */
  readonly #selfSigned = new Set<string>();
  /** Certificates that were found to be endorsed, with the service certificate that did it. */
  readonly #endorsed = new Map<string, string>();

  constructor(services = new ServiceHistory()) {
    this.services = services;
  }

  /** Whom the tables trust where a ledger is entered in the middle. */
  static enter(tables: KvReader, transactionIdOf: (seqno: number) => string): TrustState {
    const row = (table: string): VersionedValue | undefined => tables.get(table, SINGLETON_KEY);
    const info = row(TABLES.serviceInfo);
    if (info === undefined) throw verifyErrors("GENESIS_INVALID", "there is no service");
    const endorsement = row(TABLES.previousServiceIdentityEndorsement);
    const previous = row(TABLES.servicePreviousServiceIdentity);
    const root = row(TABLES.previousServiceLastSignedRoot);
    const services = ServiceHistory.enter({
      info: rows.serviceInfo.decode(info.value),
      infoVersion: info.version,
      ...(endorsement && {
        endorsement: {
          row: internal.previousServiceIdentityEndorsement.decode(endorsement.value),
          version: endorsement.version,
        },
      }),
      ...(previous && { previousIdentity: rows.previousServiceIdentity.decode(previous.value) }),
      ...(root && { previousRoot: rows.previousServiceLastSignedRoot.decode(root.value) }),
      transactionIdOf,
    });
    const state = new TrustState(services);
    state.#applyNodes(valuesOf(tables, TABLES.nodesInfo));
    state.#applyCertificates(valuesOf(tables, TABLES.nodesEndorsedCertificates));
    return state;
  }

  /** A copy that goes its own way. */
  fork(): TrustState {
    const fork = new TrustState(this.services.fork());
    for (const [nodeId, state] of this.#nodes) fork.#nodes.set(nodeId, state);
    for (const [nodeId, given] of this.#certificates) fork.#certificates.set(nodeId, given);
    for (const nodeId of this.#selfSigned) fork.#selfSigned.add(nodeId);
    for (const [certificate, by] of this.#endorsed) fork.#endorsed.set(certificate, by);
    return fork;
  }

  /** Takes over what an entry says. `signed` is the last signature before it. */
  apply(entry: DecodedEntry, signed: SignedPoint | undefined): void {
    let touched = false;
    for (const name of entry.publicWrites.keys()) {
      if (name.startsWith(CCF_PREFIX)) {
        touched = true;
        break;
      }
    }
    if (!touched) return;
    const writes = entry.publicWrites;
    this.#applyNodes(writes.get(TABLES.nodesInfo));
    this.#applyCertificates(writes.get(TABLES.nodesEndorsedCertificates));
    const info = writes.get(TABLES.serviceInfo)?.get(SINGLETON_KEY);
    if (info === null) throw verifyErrors("SERVICE_STATUS_INVALID", "service.info is removed");
    if (info !== undefined) {
      const previous = writes.get(TABLES.servicePreviousServiceIdentity)?.get(SINGLETON_KEY);
      const root = writes.get(TABLES.previousServiceLastSignedRoot)?.get(SINGLETON_KEY);
      this.services.applyInfo(rows.serviceInfo.decode(info), {
        seqno: entry.seqno,
        transactionId: formatTransactionId(entry.view, entry.seqno),
        signed,
        ...(previous && { previousIdentity: rows.previousServiceIdentity.decode(previous) }),
        ...(root && { previousRoot: rows.previousServiceLastSignedRoot.decode(root) }),
      });
    }
    const endorsement = writes.get(TABLES.previousServiceIdentityEndorsement)?.get(SINGLETON_KEY);
    if (endorsement) {
      const row = internal.previousServiceIdentityEndorsement.decode(endorsement);
      this.services.applyEndorsement(row, entry.seqno);
    }
  }

  /** The service whose key counts now. */
  requireService(): ServiceIdentity {
    const { current } = this.services;
    if (current === undefined) throw verifyErrors("GENESIS_INVALID", "there is no service yet");
    return current;
  }

  /**
   * The key of a node, if it may sign at this point. A certificate that comes with the signature must
   * be one that the node was given, though perhaps not the newest: a renewal counts when it is
   * committed. Nodes of CCF 2 show another one that the service endorsed for the same key.
   */
  requireSigner(nodeId: string, shownCertificate?: string): PublicKey {
    const node = this.#nodes.get(nodeId);
    if (node === undefined || node.status === "Pending" || node.role !== "ledger") {
      const what =
        node === undefined ? "not part of the network" : `${node.status} as ${node.role}`;
      throw verifyErrors("NODE_NOT_TRUSTED", `node ${nodeId} signed, but is ${what}`);
    }
    const given = this.#certificates.get(nodeId) ?? [];
    const certificate = given.at(-1);
    if (certificate === undefined) {
      throw verifyErrors("NODE_CERTIFICATE_INVALID", `node ${nodeId} has no certificate`);
    }
    const key = readPublicKey(certificate);
    if (key.id !== nodeId) {
      throw verifyErrors(
        "NODE_CERTIFICATE_INVALID",
        `the certificate of ${nodeId} is another node's`,
      );
    }
    this.#requireEndorsed(nodeId, certificate);
    if (shownCertificate !== undefined && !given.includes(shownCertificate)) {
      if (!isCertificateOf(shownCertificate, nodeId)) {
        const message = `the signature shows a certificate that node ${nodeId} was not given`;
        throw verifyErrors("NODE_CERTIFICATE_INVALID", message);
      }
      this.#requireEndorsed(nodeId, shownCertificate);
    }
    return key;
  }

  /** Times are not looked at: a ledger outlives its certificates. */
  #requireEndorsed(nodeId: string, certificate: string): void {
    const { certPem } = this.requireService();
    if (this.#selfSigned.has(nodeId) || this.#endorsed.get(certificate) === certPem) return;
    if (!isIssuedBy(certificate, certPem)) {
      const message = `the certificate of node ${nodeId} is not endorsed by the service`;
      throw verifyErrors("NODE_CERTIFICATE_INVALID", message);
    }
    this.#endorsed.set(certificate, certPem);
  }

  #applyNodes(changes: ReadonlyMap<KvKey, Uint8Array | null> | undefined): void {
    for (const [nodeId, value] of changes ?? []) {
      if (value === null) {
        this.#nodes.delete(nodeId);
        continue;
      }
      const row = rows.nodesInfo.decode(value);
      this.#nodes.set(nodeId, { status: row.status, role: row.role ?? "ledger" });
      if (row.cert !== undefined) {
        this.#addCertificate(nodeId, row.cert);
        this.#selfSigned.add(nodeId);
      }
    }
  }

  #applyCertificates(changes: ReadonlyMap<KvKey, Uint8Array | null> | undefined): void {
    for (const [nodeId, value] of changes ?? []) {
      this.#selfSigned.delete(nodeId);
      if (value === null) this.#certificates.delete(nodeId);
      else this.#addCertificate(nodeId, rows.endorsedCertificate.decode(value));
    }
  }

  #addCertificate(nodeId: string, certificate: string): void {
    const given = this.#certificates.get(nodeId) ?? [];
    this.#certificates.set(nodeId, [...given, certificate]);
  }
}

function valuesOf(tables: KvReader, table: string): Map<KvKey, Uint8Array> {
  const values = new Map<KvKey, Uint8Array>();
  for (const [key, { value }] of tables.entries(table)) values.set(key, value);
  return values;
}

/** Whether this is, in its one usual form, a certificate with the node's key. */
function isCertificateOf(certPem: string, nodeId: string): boolean {
  try {
    const { pem, nodeId: owner } = certificateFacts(certPem);
    return owner === nodeId && pem === certPem;
  } catch {
    return false;
  }
}
