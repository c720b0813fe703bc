// SPDX-License-Identifier: Apache-2.0

/* Validity of the certificates that the service gives to its nodes and to itself. */

const endorsedCertificates = textTable("public:ccf.gov.nodes.endorsed_certificates");

/** In days, where the configuration says nothing. */
const VALIDITY_DAYS_MAX = 365;
const checkValidityDays = integerFrom(1);

function checkValidity(valid_from, validity_period_days) {
  checkString(valid_from, "valid_from");
  checkOptional(checkValidityDays, validity_period_days, "validity_period_days");
}

/**
 * The days that were asked for, or else as many as the configuration allows.
 * @param {"node" | "service"} whose
 * @param {number | null | undefined} days
 */
function allowedDays(whose, days) {
  const most =
    serviceConfiguration.need()[`maximum_${whose}_certificate_validity_days`] ?? VALIDITY_DAYS_MAX;
  const chosen = days ?? most;
  demand(
    chosen <= most,
    `validity_period_days ${chosen} is more than the ${most} days allowed for a ${whose} ` +
      "certificate",
  );
  return chosen;
}

function endorseNode(nodeId, node, validFrom, days) {
  const { certificate_signing_request: request } = node;
  demand(request !== undefined, `node_id ${nodeId} has no certificate signing request`);
  const certificate = ccf.network.generateEndorsedCertificate(
    request,
    validFrom,
    allowedDays("node", days),
  );
  endorsedCertificates.write(nodeId, certificate);
}

defineAction("set_node_certificate_validity", {
  validate({ node_id, valid_from, validity_period_days }) {
    checkId(node_id, "node_id");
    checkValidity(valid_from, validity_period_days);
  },
  apply({ node_id, valid_from, validity_period_days }) {
    const node = needNode(node_id);
    demand(node.status === "Trusted", `node_id ${node_id} is not trusted: it is ${node.status}`);
    endorseNode(node_id, node, valid_from, validity_period_days);
  },
});

defineAction("set_all_nodes_certificate_validity", {
  validate({ valid_from, validity_period_days }) {
    checkValidity(valid_from, validity_period_days);
  },
  apply({ valid_from, validity_period_days }) {
    for (const [nodeId, node] of nodes.entries()) {
      if (node.status === "Trusted") endorseNode(nodeId, node, valid_from, validity_period_days);
    }
  },
});

defineAction("set_service_certificate_validity", {
  validate({ valid_from, validity_period_days }) {
    checkValidity(valid_from, validity_period_days);
  },
  apply({ valid_from, validity_period_days }) {
    const service = serviceInformation.need();
    const days = allowedDays("service", validity_period_days);
    const cert = ccf.network.generateNetworkCertificate(valid_from, days);
    serviceInformation.write({ ...service, cert });
  },
});
