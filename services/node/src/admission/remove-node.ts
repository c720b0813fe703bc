// SPDX-License-Identifier: Apache-2.0
import type { PeerCertificate } from "@consortium/kit";
import { keyFromText, type KvReader, rows, TABLES } from "@consortium/ledger";
import type { node } from "@consortium/proto";
import { findNode, peerNodeId } from "../channel/peers.js";
import { nodeErrors } from "../errors.js";
import type { NodeView } from "../status/node-view.js";
import { describeNode } from "../status/nodes.js";
import { notHere } from "./not-here.js";

/** Everything about a node that its row's removal takes along. */
const NODE_TABLES = [
  TABLES.nodesInfo,
  TABLES.nodesEndorsedCertificates,
  TABLES.nodesSealedRecoveryKeys,
] as const;

/** The nodes whose retirement is complete. */
export function listRemovableNodes(kv: KvReader, primaryNodeId: string): node.Node[] {
  const nodes: node.Node[] = [];
  for (const [key, { value }] of kv.entries(TABLES.nodesInfo)) {
    if (rows.nodesInfo.decode(value).retired_committed !== true) continue;
    nodes.push(describeNode(key, kv, primaryNodeId));
  }
  return nodes;
}

/** Removes what the ledger holds of a node whose retirement is complete; answers the transaction. */
export async function removeNode(
  nodeId: string,
  certificate: PeerCertificate | undefined,
  view: NodeView,
): Promise<string> {
  const leading = view.member?.leading;
  if (leading === undefined) throw notHere(view, "removes nodes");
  const { primary } = leading;
  const { latest } = primary.kv;
  requireOperator(certificate, latest);
  const row = findNode(latest, nodeId);
  if (row === undefined) {
    throw nodeErrors("NODE_NOT_FOUND", `there is no node ${JSON.stringify(nodeId)} on the ledger`, {
      hint: "`ccfctl node removable` shows the nodes that may be removed",
    });
  }
  if (row.retired_committed !== true) {
    throw nodeErrors(
      "NODE_NOT_RETIRED_COMMITTED",
      `node ${nodeId} is ${row.status}: its retirement is not complete`,
      {
        hint: "members retire it with `ccfctl node retire` and their votes; then wait until `ccfctl node removable` shows it",
        details: { node_id: nodeId, status: row.status },
      },
    );
  }
  const key = keyFromText(nodeId);
  const { seqno } = primary.execute((transaction) => {
    for (const table of NODE_TABLES) {
      if (transaction.get(table, key) !== undefined) transaction.remove(table, key);
    }
  });
  await primary.committed(seqno);
  return `${primary.view}.${seqno}`;
}

/** An active member, or who holds the key of a Trusted node: TLS has proved the key. */
function requireOperator(certificate: PeerCertificate | undefined, kv: KvReader): void {
  if (certificate !== undefined) {
    const member = kv.get(TABLES.membersInfo, keyFromText(certificate.sha256Hex));
    if (member !== undefined && rows.membersInfo.decode(member.value).status === "Active") return;
    if (findNode(kv, peerNodeId(certificate))?.status === "Trusted") return;
  }
  throw nodeErrors(
    "INVALID_AUTHENTICATION",
    "only an active member or the operator of a Trusted node may remove a node",
    { hint: "connect with a member's key and certificate, or with those of a Trusted node" },
  );
}
