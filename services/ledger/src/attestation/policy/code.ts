// SPDX-License-Identifier: Apache-2.0
import { keyFromText, type KvReader } from "../../kv/types.js";
import { TABLES } from "../../tables/names.js";
import { type AttestedEvidence, QUOTE_FORMATS } from "../attest.js";
import { firstFailure } from "../check.js";
import type { CheckedUvm } from "../uvm/index.js";
import { REFUSALS, refused } from "./refusal.js";
import { minimumSvn } from "./uvm-table.js";

/** Check 2 of a join: members allow the host data, which names what the guest may run. */
export function requireHostData(evidence: AttestedEvidence, kv: KvReader): void {
  const { format, hostData } = evidence;
  if (hostData === undefined) {
    throw refused(REFUSALS.hostDataMissing, { found: "none" }, "send the release's digest");
  }
  const isVirtual = format === QUOTE_FORMATS.virtual;
  const table = isVirtual ? TABLES.nodesVirtualHostData : TABLES.nodesSnpHostData;
  if (kv.get(table, keyFromText(hostData)) !== undefined) return;
  const action = isVirtual ? "add_virtual_host_data" : "add_snp_host_data";
  throw refused(REFUSALS.hostData, { host_data: hostData, table }, allowHint(action));
}

/** Check 3 of a join: members allow the measurement, or trust who endorses it. */
export function requireMeasurement(evidence: AttestedEvidence, kv: KvReader): void {
  const { format, measurement } = evidence;
  if (evidence.format === QUOTE_FORMATS.snp && evidence.uvm !== undefined) {
    requireUvmEndorsement(evidence.uvm, measurement, kv);
    return;
  }
  const isVirtual = format === QUOTE_FORMATS.virtual;
  const table = isVirtual ? TABLES.nodesVirtualMeasurements : TABLES.nodesSnpMeasurements;
  if (kv.get(table, keyFromText(measurement)) !== undefined) return;
  const action = isVirtual ? "add_virtual_measurement" : "add_snp_measurement";
  throw refused(REFUSALS.measurement, { measurement, table }, allowHint(action));
}

function requireUvmEndorsement(uvm: CheckedUvm, measurement: string, kv: KvReader): void {
  const failure = firstFailure(uvm.checks);
  if (failure !== undefined || uvm.endorsement === undefined) {
    const { id: check = "uvm.format", rule = "", found = "" } = failure ?? {};
    throw refused(
      REFUSALS.uvmEndorsements,
      { check, rule, found, measurement },
      "send the endorsements that came with the utility VM",
    );
  }
  const { issuer: did, feed, svn } = uvm.endorsement;
  const minimum = minimumSvn(kv, did, feed);
  if (minimum !== undefined && minimum <= svn) return;
  throw refused(
    REFUSALS.uvmEndorsements,
    { did, feed, svn: String(svn), minimum_svn: minimum === undefined ? "none" : String(minimum) },
    allowHint("add_snp_uvm_endorsement"),
  );
}

function allowHint(action: string): string {
  return `members allow it with a proposal of ${action}`;
}
