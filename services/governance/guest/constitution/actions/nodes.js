// SPDX-License-Identifier: Apache-2.0
action("transition_node_to_trusted", {
  args: { node_id: entityId, ...validityArguments },
  apply({ node_id, ...validity }) {
    const info = readRow("nodes.info", node_id);
    if (info === undefined) fail(`Node ${node_id} does not exist`);
    if (info.status !== "Pending") return;
    writeRow("nodes.info", node_id, {
      ...info,
      status: "Trusted",
      ledger_secret_seqno: ccf.network.getLatestLedgerSecretSeqno(),
    });
    if (info.certificate_signing_request !== undefined) endorseNode(node_id, info, validity);
  },
});

action("remove_node", {
  args: { node_id: entityId },
  apply({ node_id }) {
    const info = readRow("nodes.info", node_id);
    if (info === undefined) return;
    // A node that was never trusted leaves no trace; one that was goes in two phases.
    if (info.status === "Pending") table("nodes.info").delete(ccf.strToBuf(node_id));
    else writeRow("nodes.info", node_id, { ...info, status: "Retired" });
  },
});

action("set_node_data", {
  args: { node_id: entityId, node_data: anything },
  apply({ node_id, node_data }) {
    const info = readRow("nodes.info", node_id);
    if (info === undefined) fail(`Node ${node_id} does not exist`);
    writeRow("nodes.info", node_id, { ...info, node_data });
  },
});
