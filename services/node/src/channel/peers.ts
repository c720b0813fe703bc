// SPDX-License-Identifier: Apache-2.0
import type { PeerCertificate } from "@consortium/kit";
import { certificateFacts } from "@consortium/kit";
import { keyFromText, type KvReader, rows, TABLES } from "@consortium/ledger";
import { nodeErrors } from "../errors.js";

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

export function findNode(kv: KvReader, nodeId: string): rows.NodeInfo | undefined {
  const row = kv.get(TABLES.nodesInfo, keyFromText(nodeId));
  return row === undefined ? undefined : rows.nodesInfo.decode(row.value);
}

/** Refuses a peer that is not Trusted now with one of these roles: asked again for every message. */
export function requireRole(
  kv: KvReader,
  nodeId: string,
  ...roles: readonly rows.NodeRole[]
): void {
  const node = findNode(kv, nodeId);
  if (node?.status === "Trusted" && roles.includes(node.role ?? "ledger")) return;
  throw nodeErrors("NODE_NOT_TRUSTED", `node ${nodeId} may not ask this`, {
    hint: `only Trusted nodes with the role ${roles.join(" or ")} may`,
    details: { node_id: nodeId, status: node?.status ?? "unknown" },
  });
}
