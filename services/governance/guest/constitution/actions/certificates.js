// SPDX-License-Identifier: Apache-2.0
const VALIDITY_DAYS_DEFAULT = 365;

const validityArguments = { valid_from: string, validity_period_days: optional(integerBetween(1)) };

/** As many days as were asked for, else as many as the service allows. */
function validityDays(asked, setting) {
  const most = serviceConfiguration()[setting] ?? VALIDITY_DAYS_DEFAULT;
  const days = asked ?? most;
  if (days > most)
    fail(`validity_period_days ${days} is not allowed: the service allows at most ${most}`);
  return days;
}

function endorseNode(nodeId, info, { valid_from, validity_period_days }) {
  const csr = info.certificate_signing_request;
  if (csr === undefined) fail(`Node ${nodeId} has no certificate signing request`);
  const days = validityDays(validity_period_days, "maximum_node_certificate_validity_days");
  const endorsed = ccf.network.generateEndorsedCertificate(csr, valid_from, days);
  table("nodes.endorsed_certificates").set(ccf.strToBuf(nodeId), ccf.strToBuf(endorsed));
}

action("set_node_certificate_validity", {
  args: { node_id: entityId, ...validityArguments },
  apply({ node_id, ...validity }) {
    const info = readRow("nodes.info", node_id);
    if (info === undefined) fail(`Node ${node_id} does not exist`);
    if (info.status !== "Trusted") fail(`Node ${node_id} is not Trusted but ${info.status}`);
    endorseNode(node_id, info, validity);
  },
});

action("set_all_nodes_certificate_validity", {
  args: validityArguments,
  apply(validity) {
    const trusted = [];
    table("nodes.info").forEach((value, key) => {
      const info = ccf.bufToJsonCompatible(value);
      if (info.status === "Trusted") trusted.push([ccf.bufToStr(key), info]);
    });
    for (const [nodeId, info] of trusted) endorseNode(nodeId, info, validity);
  },
});

action("set_service_certificate_validity", {
  args: validityArguments,
  apply({ valid_from, validity_period_days }) {
    const days = validityDays(validity_period_days, "maximum_service_certificate_validity_days");
    const cert = ccf.network.generateNetworkCertificate(valid_from, days);
    writeSingleton("service.info", { ...serviceInformation(), cert });
  },
});
