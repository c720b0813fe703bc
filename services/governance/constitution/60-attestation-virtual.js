// SPDX-License-Identifier: Apache-2.0

/* What a node on virtual hardware must present to join. It proves nothing: for development. */

const virtualMeasurements = jsonTable("public:ccf.gov.nodes.virtual.measurements");
const virtualHostData = textSet("public:ccf.gov.nodes.virtual.host_data");
const ALLOWED = "AllowedToJoin";

defineAction("add_virtual_measurement", {
  validate({ measurement }) {
    checkString(measurement, "measurement");
  },
  apply({ measurement }, proposalId) {
    virtualMeasurements.write(measurement, ALLOWED);
    dropOtherOpenProposals(proposalId);
  },
});

defineAction("remove_virtual_measurement", {
  validate({ measurement }) {
    checkString(measurement, "measurement");
  },
  apply({ measurement }) {
    virtualMeasurements.remove(measurement);
  },
});

defineAction("add_virtual_host_data", {
  validate({ host_data }) {
    checkString(host_data, "host_data");
  },
  apply({ host_data }, proposalId) {
    virtualHostData.add(host_data);
    dropOtherOpenProposals(proposalId);
  },
});

defineAction("remove_virtual_host_data", {
  validate({ host_data }) {
    checkString(host_data, "host_data");
  },
  apply({ host_data }) {
    virtualHostData.remove(host_data);
  },
});
