// SPDX-License-Identifier: Apache-2.0
const ALLOWED = "AllowedToJoin";
const cpuid = matching(/^[0-9a-f]{8}$/, "8 lower-case hex digits");

/** Who may join decides who sees secrets: what is added invalidates what else is being voted on. */
function addMeasurementAction(name, tableName) {
  action(name, {
    args: { measurement: string },
    apply({ measurement }, proposalId) {
      writeRow(tableName, measurement, ALLOWED);
      dropOtherProposals(proposalId);
    },
  });
}

function removeRowAction(name, argument, tableName) {
  action(name, {
    args: { [argument]: string },
    apply(args) {
      table(tableName).delete(ccf.strToBuf(args[argument]));
    },
  });
}

addMeasurementAction("add_snp_measurement", "nodes.snp.measurements");
removeRowAction("remove_snp_measurement", "measurement", "nodes.snp.measurements");
addMeasurementAction("add_virtual_measurement", "nodes.virtual.measurements");
removeRowAction("remove_virtual_measurement", "measurement", "nodes.virtual.measurements");
removeRowAction("remove_snp_host_data", "host_data", "nodes.snp.host_data");
removeRowAction("remove_virtual_host_data", "host_data", "nodes.virtual.host_data");

action("add_virtual_host_data", {
  args: { host_data: string },
  apply({ host_data }, proposalId) {
    table("nodes.virtual.host_data").set(ccf.strToBuf(host_data), IN_SET);
    dropOtherProposals(proposalId);
  },
});

action("add_snp_host_data", {
  args: { host_data: string, security_policy: string },
  check({ host_data, security_policy }) {
    if (security_policy === "") return;
    const digest = ccf.crypto.digest("SHA-256", ccf.strToBuf(security_policy));
    if (hexOf(digest) !== host_data.toLowerCase()) {
      fail("host_data must be the SHA-256 digest of security_policy");
    }
  },
  apply({ host_data, security_policy }, proposalId) {
    writeRow("nodes.snp.host_data", host_data, security_policy);
    dropOtherProposals(proposalId);
  },
});

function hexOf(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

action("add_snp_uvm_endorsement", {
  args: { did: string, feed: string, svn: string },
  apply({ did, feed, svn }, proposalId) {
    const feeds = readRow("nodes.snp.uvm_endorsements", did) ?? {};
    writeRow("nodes.snp.uvm_endorsements", did, { ...feeds, [feed]: { svn } });
    dropOtherProposals(proposalId);
  },
});

action("remove_snp_uvm_endorsement", {
  args: { did: string, feed: string },
  apply({ did, feed }) {
    const feeds = readRow("nodes.snp.uvm_endorsements", did);
    if (feeds === undefined) return;
    delete feeds[feed];
    if (Object.keys(feeds).length > 0) writeRow("nodes.snp.uvm_endorsements", did, feeds);
    else table("nodes.snp.uvm_endorsements").delete(ccf.strToBuf(did));
  },
});

action("set_snp_minimum_tcb_version_hex", {
  args: { cpuid, tcb_version: matching(/^[0-9a-f]{16}$/, "16 lower-case hex digits") },
  apply(args, proposalId) {
    const policy = ccf.tcbHexToPolicy(args.cpuid, args.tcb_version);
    writeRow("nodes.snp.tcb_versions", args.cpuid, policy);
    dropOtherProposals(proposalId);
  },
});

/** Deprecated: the hex form says everything, on every generation of processors. */
action("set_snp_minimum_tcb_version", {
  args: {
    cpuid,
    tcb_version(value, name) {
      object(value, name);
      for (const part of ["boot_loader", "tee", "snp", "microcode"]) {
        if (typeof value[part] !== "number") fail(`${name}.${part} must be a number`);
      }
    },
  },
  apply(args, proposalId) {
    writeRow("nodes.snp.tcb_versions", args.cpuid, args.tcb_version);
    dropOtherProposals(proposalId);
  },
});

action("remove_snp_minimum_tcb_version", {
  args: { cpuid },
  apply(args) {
    const key = ccf.strToBuf(args.cpuid);
    const versions = table("nodes.snp.tcb_versions");
    if (!versions.has(key)) fail(`cpuid ${args.cpuid} has no minimum TCB version`);
    versions.delete(key);
  },
});

action("set_node_join_policy", {
  args: { policy: string },
  apply({ policy }) {
    table("nodes.node_join_policy").set(SINGLETON, ccf.strToBuf(policy));
  },
});

action("remove_node_join_policy", {
  apply() {
    table("nodes.node_join_policy").delete(SINGLETON);
  },
});
