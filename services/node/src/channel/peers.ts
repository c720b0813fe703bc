// SPDX-License-Identifier: Apache-2.0
import type { PeerCertificate } from "@consortium/kit";
import { certificateFacts } from "@consortium/kit";
import { keyFromText, type KvReader, rows, TABLES } from "@consortium/ledger";
import { nodeErrors } from "../errors.js";

/** A node that is Trusted on the ledger and proved that it holds its key. */
export interface TrustedPeer {
  readonly nodeId: string;
  readonly role: "ledger" | "governance" | "recovery";
}

const nodeIds = new WeakMap<PeerCertificate, string>();

/** The node id of the key in a TLS client certificate. */
export function peerNodeId(certificate: PeerCertificate | undefined): string {
  if (certificate === undefined) {
    throw nodeErrors("INVALID_AUTHENTICATION", "a node presents its certificate as TLS client", {
      hint: "connect with the node's key and certificate",
    });
  }
  const known = nodeIds.get(certificate);
  if (known !== undefined) return known;
  const { nodeId } = certificateFacts(certificate.der);
  nodeIds.set(certificate, nodeId);
  return nodeId;
}

/** Refuses whoever is not a Trusted node now: asked again for every call. */
export function authenticatePeer(
  certificate: PeerCertificate | undefined,
  kv: KvReader,
): TrustedPeer {
  const nodeId = peerNodeId(certificate);
  const row = findNode(kv, nodeId);
  if (row?.status !== "Trusted") {
    throw nodeErrors(
      "NODE_NOT_TRUSTED",
      `node ${nodeId} is ${row?.status ?? "unknown"}, not Trusted`,
      {
        hint: "members trust a node with `ccfctl propose node trust`",
        details: { node_id: nodeId },
      },
    );
  }
  return { nodeId, role: row.role ?? "ledger" };
}

export function findNode(kv: KvReader, nodeId: string): rows.NodeInfo | undefined {
  const row = kv.get(TABLES.nodesInfo, keyFromText(nodeId));
  return row === undefined ? undefined : rows.nodesInfo.decode(row.value);
}
