// SPDX-License-Identifier: Apache-2.0
import {
  type CallContext,
  type CertificateFacts,
  certificateFacts,
  endorse,
  type Logger,
  parseCsr,
  unary,
} from "@consortium/kit";
import {
  encodeJson,
  keyFromText,
  type KvReader,
  rows,
  SINGLETON_KEY,
  TABLES,
  type Transaction,
  verifyEvidence,
} from "@consortium/ledger";
import { type join, node } from "@consortium/proto";
import { findNode, peerNodeId } from "../channel/peers.js";
import { wrapSecretsForNodes } from "../effects/wrap-for-nodes.js";
import type { ServiceKeys } from "../effects/service-keys.js";
import { nodeErrors } from "../errors.js";
import type { Primary } from "../pipeline/primary.js";
import type { NodeView } from "../status/node-view.js";
import { decodeJoinRequest, type JoinApplication } from "./decode-join.js";
import { nodeRow } from "./node-row.js";
import { committedOf, notHere } from "./not-here.js";

/** Admits nodes: at once while the service opens, after a vote once it is open (reference A.4). */
export function createJoinService(view: NodeView, log: Logger): join.JoinServiceServer {
  return {
    join: unary(async (request: join.JoinRequest, context) => {
      const nodeId = peerNodeId(context.peerCertificate);
      if (findNode(committedOf(view), nodeId) === undefined) {
        const leading = view.member?.leading;
        if (leading === undefined) throw notHere(view, "registers nodes");
        const { primary, state } = leading;
        await admit(request, context, { primary, keys: state.keys, nodeId, log });
      }
      // Who is known already is answered by any node.
      return answer(nodeId, committedOf(view));
    }),
  };
}

interface Admission {
  readonly primary: Primary;
  readonly keys: ServiceKeys;
  readonly nodeId: string;
  readonly log: Logger;
}

async function admit(
  request: join.JoinRequest,
  context: CallContext,
  { primary, keys, nodeId, log }: Admission,
): Promise<void> {
  const application = decodeJoinRequest(request);
  checkKeys(application, context, nodeId);
  const self = certificateFacts(context.peerCertificate?.der ?? "");
  const { latest } = primary.kv;
  if (findNode(latest, nodeId) === undefined) {
    refuseTakenAddress(application.nodeToNodeAddress, latest);
    const { codeDigest, insecure } = verifyEvidence(request.quoteInfo, self.publicKeySpki, latest);
    if (insecure) {
      log.warn({ nodeId }, "a node joins on virtual evidence: nothing proves what it runs");
    }
    const row = nodeRow({
      ...application,
      publicKeyPem: self.publicKeyPem,
      codeDigest,
    });
    primary.execute((transaction) =>
      register(transaction, { row, nodeId, application, keys, self }),
    );
  }
  await primary.committed(primary.latestSeqno);
}

function checkKeys(application: JoinApplication, context: CallContext, nodeId: string): void {
  const { signingRequest } = application;
  const requested = parseCsr(signingRequest);
  if (requested.nodeId === nodeId) return;
  throw nodeErrors(
    "CSR_PUBLIC_KEY_INVALID",
    `the signing request is for another key than the one ${context.peerAddress} connected with`,
    { hint: "sign the request with the key of the TLS client certificate" },
  );
}

function refuseTakenAddress(address: string, kv: KvReader): void {
  for (const [key, { value }] of kv.entries(TABLES.nodesInfo)) {
    const other = rows.nodesInfo.decode(value);
    if (other.status === "Retired") continue;
    if (other.node_to_node_interface?.published_address !== address) continue;
    throw nodeErrors(
      "NODE_ALREADY_EXISTS",
      `node ${key} is registered with the address ${address}`,
      {
        hint: "publish another address, or retire the other node first",
        details: { node_id: key, address },
      },
    );
  }
}

interface Registration {
  readonly row: ReturnType<typeof nodeRow>;
  readonly nodeId: string;
  readonly application: JoinApplication;
  readonly keys: ServiceKeys;
  /** The certificate the node signed itself. */
  readonly self: CertificateFacts;
}

function register(
  transaction: Transaction,
  { row, nodeId, application, keys, self }: Registration,
): void {
  const info = transaction.get(TABLES.serviceInfo, SINGLETON_KEY);
  const status = info === undefined ? "Opening" : rows.serviceInfo.decode(info).status;
  const trusted = status === "Opening" || status === "Recovering";
  const key = keyFromText(nodeId);
  transaction.put(
    TABLES.nodesInfo,
    key,
    encodeJson({
      ...row,
      status: trusted ? "Trusted" : "Pending",
      ...(trusted ? secretSeqno(keys) : {}),
    }),
  );
  if (!trusted) return;
  const certificate = endorse({
    csr: application.signingRequest,
    issuerKeyPem: keys.privateKeyPem,
    issuerCert: keys.certificate,
    ...validityOf(self, transaction),
  });
  transaction.put(TABLES.nodesEndorsedCertificates, key, Buffer.from(certificate));
  wrapSecretsForNodes(transaction, keys.nodeSecrets());
}

/** The validity of the self-signed certificate, within what the service allows. */
function validityOf(
  self: CertificateFacts,
  transaction: Transaction,
): { validFrom: Date; days: number } {
  const config = transaction.get(TABLES.serviceConfig, SINGLETON_KEY);
  const allowed =
    config === undefined
      ? undefined
      : rows.serviceConfig.decode(config).maximum_node_certificate_validity_days;
  const asked = Math.round((self.validTo.getTime() - self.validFrom.getTime()) / DAY_MS);
  return { validFrom: self.validFrom, days: Math.min(Math.max(asked, 1), allowed ?? asked) };
}

const DAY_MS = 24 * 60 * 60 * 1000;

function secretSeqno(keys: ServiceKeys): { ledger_secret_seqno: number } {
  return { ledger_secret_seqno: keys.latestSecret.version };
}

function answer(nodeId: string, committed: KvReader): join.JoinResponse {
  const row = findNode(committed, nodeId);
  if (row?.status === "Pending") {
    return { nodeStatus: node.NodeStatus.PENDING, nodeId, networkInfo: undefined };
  }
  if (row?.status !== "Trusted") {
    throw nodeErrors(
      "INVALID_NODE_STATE",
      `node ${nodeId} is ${row?.status ?? "unknown"} and cannot join`,
      {
        hint: "a retired node joins again with a new identity: remove its private file",
        details: { node_id: nodeId },
      },
    );
  }
  const certificate = committed.get(TABLES.nodesEndorsedCertificates, keyFromText(nodeId));
  const service = committed.get(TABLES.serviceInfo, SINGLETON_KEY);
  if (certificate === undefined || service === undefined) {
    throw new Error("a trusted node has an endorsed certificate, and the service a row");
  }
  const info = rows.serviceInfo.decode(service.value);
  return {
    nodeStatus: node.NodeStatus.TRUSTED,
    nodeId,
    networkInfo: {
      serviceStatus: serviceStatusOf(info.status),
      serviceCertificate: info.cert,
      endorsedCertificate: Buffer.from(certificate.value).toString("utf8"),
    },
  };
}

export function serviceStatusOf(status: rows.ServiceStatus): node.ServiceStatus {
  switch (status) {
    case "Opening":
      return node.ServiceStatus.OPENING;
    case "Open":
      return node.ServiceStatus.OPEN;
    case "WaitingForRecoveryShares":
      return node.ServiceStatus.WAITING_FOR_RECOVERY_SHARES;
    case "Recovering":
      return node.ServiceStatus.RECOVERING;
  }
}
