// SPDX-License-Identifier: Apache-2.0

/* What a node on AMD SEV-SNP must present to join. */

const snpMeasurements = jsonTable("public:ccf.gov.nodes.snp.measurements");
const snpHostData = jsonTable("public:ccf.gov.nodes.snp.host_data");
const snpUvmEndorsements = jsonTable("public:ccf.gov.nodes.snp.uvm_endorsements");
const snpTcbVersions = jsonTable("public:ccf.gov.nodes.snp.tcb_versions");

const checkCpuid = lowerHex(8);
const checkTcbVersion = lowerHex(16);

defineAction("add_snp_measurement", {
  validate({ measurement }) {
    checkString(measurement, "measurement");
  },
  apply({ measurement }, proposalId) {
    snpMeasurements.write(measurement, ALLOWED);
    dropOtherOpenProposals(proposalId);
  },
});

defineAction("remove_snp_measurement", {
  validate({ measurement }) {
    checkString(measurement, "measurement");
  },
  apply({ measurement }) {
    snpMeasurements.remove(measurement);
  },
});

defineAction("add_snp_host_data", {
  validate({ host_data, security_policy }) {
    checkString(host_data, "host_data");
    checkString(security_policy, "security_policy");
    if (security_policy === "") return;
    const digest = hexOf(ccf.crypto.digest("SHA-256", ccf.strToBuf(security_policy)));
    demand(
      host_data.toLowerCase() === digest,
      `host_data must be the SHA-256 digest of security_policy, which is ${digest}`,
    );
  },
  apply({ host_data, security_policy }, proposalId) {
    snpHostData.write(host_data, security_policy);
    dropOtherOpenProposals(proposalId);
  },
});

/** @param {ArrayBuffer} buffer */
function hexOf(buffer) {
  const digits = Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0"));
  return digits.join("");
}

defineAction("remove_snp_host_data", {
  validate({ host_data }) {
    checkString(host_data, "host_data");
  },
  apply({ host_data }) {
    snpHostData.remove(host_data);
  },
});

defineAction("add_snp_uvm_endorsement", {
  validate({ did, feed, svn }) {
    checkString(did, "did");
    checkString(feed, "feed");
    checkString(svn, "svn");
  },
  apply({ did, feed, svn }, proposalId) {
    snpUvmEndorsements.write(did, withField(snpUvmEndorsements.read(did) ?? {}, feed, { svn }));
    dropOtherOpenProposals(proposalId);
  },
});

defineAction("remove_snp_uvm_endorsement", {
  validate({ did, feed }) {
    checkString(did, "did");
    checkString(feed, "feed");
  },
  apply({ did, feed }) {
    const feeds = withoutField(snpUvmEndorsements.read(did) ?? {}, feed);
    if (Object.keys(feeds).length === 0) snpUvmEndorsements.remove(did);
    else snpUvmEndorsements.write(did, feeds);
  },
});

/** Deprecated: the form in hex also knows what newer processors have. */
defineAction("set_snp_minimum_tcb_version", {
  validate({ cpuid, tcb_version }) {
    checkCpuid(cpuid, "cpuid");
    checkObject(tcb_version, "tcb_version");
    for (const part of ["boot_loader", "tee", "snp", "microcode"]) {
      checkNumber(tcb_version[part], `tcb_version.${part}`);
    }
  },
  apply({ cpuid, tcb_version }, proposalId) {
    snpTcbVersions.write(cpuid, tcb_version);
    dropOtherOpenProposals(proposalId);
  },
});

defineAction("set_snp_minimum_tcb_version_hex", {
  validate({ cpuid, tcb_version }) {
    checkCpuid(cpuid, "cpuid");
    checkTcbVersion(tcb_version, "tcb_version");
  },
  apply({ cpuid, tcb_version }, proposalId) {
    snpTcbVersions.write(cpuid, ccf.tcbHexToPolicy(cpuid, tcb_version));
    dropOtherOpenProposals(proposalId);
  },
});

defineAction("remove_snp_minimum_tcb_version", {
  validate({ cpuid }) {
    checkCpuid(cpuid, "cpuid");
  },
  apply({ cpuid }) {
    demand(snpTcbVersions.has(cpuid), `cpuid ${cpuid} has no minimum TCB version`);
    snpTcbVersions.remove(cpuid);
  },
});
