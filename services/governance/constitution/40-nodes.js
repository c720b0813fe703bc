// SPDX-License-Identifier: Apache-2.0

/*
 * Nodes of every role: ledger, governance and recovery. Their rows hold more than is read here, and
 * keep it.
 */

const nodes = jsonTable("public:ccf.gov.nodes.info");
const joinPolicy = textValue("public:ccf.gov.nodes.node_join_policy");

/** @param {string} nodeId */
function needNode(nodeId) {
  const node = nodes.read(nodeId);
  demand(node !== undefined, `node_id ${nodeId} is not a node`);
  return node;
}

defineAction("set_node_data", {
  validate({ node_id }) {
    checkId(node_id, "node_id");
  },
  apply({ node_id, node_data }) {
    nodes.write(node_id, { ...needNode(node_id), node_data });
  },
});

defineAction("transition_node_to_trusted", {
  validate({ node_id, valid_from, validity_period_days }) {
    checkId(node_id, "node_id");
    checkValidity(valid_from, validity_period_days);
  },
  apply({ node_id, valid_from, validity_period_days }) {
    const pending = needNode(node_id);
    if (pending.status !== "Pending") return;
    const node = {
      ...pending,
      status: "Trusted",
      ledger_secret_seqno: ccf.network.getLatestLedgerSecretSeqno(),
    };
    nodes.write(node_id, node);
    ccf.node.shuffleSealedShares();
    // A node of CCF 1.x sent no request for a certificate.
    if (node.certificate_signing_request !== undefined) {
      endorseNode(node_id, node, valid_from, validity_period_days);
    }
  },
});

/** A node that was trusted leaves in two steps, and its row goes with the second. */
defineAction("remove_node", {
  validate({ node_id }) {
    checkId(node_id, "node_id");
  },
  apply({ node_id }) {
    const node = nodes.read(node_id);
    if (node === undefined) return;
    if (node.status === "Trusted") checkLedgerKeptWithout(node_id, node);
    if (node.status === "Pending") nodes.remove(node_id);
    else nodes.write(node_id, { ...node, status: "Retired" });
  },
});

/** CCF would retire the last one, after which nobody could order anything any more. */
function checkLedgerKeptWithout(nodeId, node) {
  if (!keepsLedger(node)) return;
  const others = nodes.entries().filter(([id, other]) => id !== nodeId && keepsLedger(other));
  demand(others.length > 0, `node_id ${nodeId} is the last trusted ledger node`);
}

/** A row without a role is that of a ledger node. */
function keepsLedger({ role, status }) {
  return status === "Trusted" && (role ?? "ledger") === "ledger";
}

defineAction("set_node_join_policy", {
  validate({ policy }) {
    checkString(policy, "policy");
  },
  apply({ policy }) {
    joinPolicy.write(policy);
  },
});

defineBareAction("remove_node_join_policy", {
  validate: checkNothing,
  apply() {
    joinPolicy.remove();
  },
});
