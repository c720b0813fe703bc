// SPDX-License-Identifier: Apache-2.0
import {
  type CheckResult,
  checkReport,
  checkUvmEndorsements,
  type SnpReport,
  tcbHex,
} from "@consortium/ledger/attestation";
import type { GuestValue } from "../sandbox/protocol.js";
import { requireBuffer, requireText } from "./arguments.js";
import { GuestError } from "./guest-error.js";
import type { HostFunctions } from "./host-function.js";

/** Whose utility VMs count, by issuer and line of releases: Azure's, from these versions on. */
const UVM_ROOTS: readonly { readonly did: string; readonly feed: string; readonly svn: bigint }[] =
  [
    {
      did: "did:x509:0:sha256:I__iuL25oXEVFdTP_aBLx_eT1RPHbCQ_ECBQfYZpt9s::eku:1.3.6.1.4.1.311.76.59.1.2",
      feed: "ContainerPlat-AMD-UVM",
      svn: 100n,
    },
    {
      did: "did:x509:0:sha256:I__iuL25oXEVFdTP_aBLx_eT1RPHbCQ_ECBQfYZpt9s::eku:1.3.6.1.4.1.311.76.59.1.5",
      feed: "ConfAKS-AMD-UVM",
      svn: 1n,
    },
  ];

/** `snp_attestation`. Buffers inside the answer are hex; the sandbox makes buffers of them. */
export const attestationFunctions: HostFunctions = {
  "attestation.verifySnp"([nowMs, uvmHex, endorsedTcb], [evidence, endorsements]) {
    const at = new Date(typeof nowMs === "number" ? nowMs : Number.NaN);
    const { report, checks } = checkReport(
      {
        report: requireBuffer(evidence, "evidence"),
        endorsements: requireBuffer(endorsements, "endorsements"),
        claimedTcb:
          endorsedTcb === null ? undefined : requireText(endorsedTcb, "endorsed_tcb").toLowerCase(),
      },
      { at },
    );
    requireAll(checks);
    if (report === undefined) throw new GuestError("RangeError", "the report cannot be read");
    const attestation = describeReport(report);
    if (uvmHex === null) return { attestation };
    const uvm = Buffer.from(requireText(uvmHex, "uvm_endorsements"), "hex");
    return { attestation, uvm_endorsements: checkUvm(uvm, hexOf(report.measurement)) };
  },
};

function checkUvm(bytes: Uint8Array, measurement: string): GuestValue {
  const { endorsement, checks } = checkUvmEndorsements(bytes, measurement);
  requireAll(checks);
  const trusted = UVM_ROOTS.some(
    ({ did, feed, svn }) =>
      endorsement?.issuer === did && endorsement.feed === feed && endorsement.svn >= svn,
  );
  if (endorsement === undefined || !trusted) {
    throw new GuestError("RangeError", "UVM endorsements are not of a trusted issuer and feed");
  }
  const { issuer, feed, svn } = endorsement;
  return { did: issuer, feed, svn: svn.toString() };
}

function requireAll(checks: readonly CheckResult[]): void {
  const failed = checks.find(({ outcome }) => outcome === "failed");
  if (failed === undefined) return;
  throw new GuestError("RangeError", `${failed.rule}: ${failed.found}`);
}

/** The fields of the report under CCF's names, one of them misspelt there. */
function describeReport(report: SnpReport): Record<string, GuestValue> {
  const [currentMajor, currentMinor, currentBuild] = report.currentVersion.split(".").map(Number);
  const [major, minor, build] = report.committedVersion.split(".").map(Number);
  const platformInfo = {
    smt_en: Number(report.platformInfo.smtEnabled),
    tsme_en: Number(report.platformInfo.tsmeEnabled),
  };
  return {
    version: report.version,
    guest_svn: report.guestSvn,
    policy: {
      abi_minor: report.policy.abiMinor,
      abi_major: report.policy.abiMajor,
      smt: Number(report.policy.smt),
      migrate_ma: Number(report.policy.migrateMa),
      debug: Number(report.policy.debug),
      single_socket: Number(report.policy.singleSocket),
    },
    family_id: hexOf(report.familyId),
    image_id: hexOf(report.imageId),
    vmpl: report.vmpl,
    signature_algo: report.signatureAlgorithm,
    platform_version: tcbHex(report.currentTcb),
    platform_info: platformInfo,
    plaform_info: platformInfo,
    flags: {
      author_key_en: Number(report.keyInfo.authorKeyEnabled),
      mask_chip_key: Number(report.keyInfo.maskChipKey),
      signing_key: report.keyInfo.signingKey,
    },
    report_data: hexOf(report.reportData),
    measurement: hexOf(report.measurement),
    host_data: hexOf(report.hostData),
    id_key_digest: hexOf(report.idKeyDigest),
    author_key_digest: hexOf(report.authorKeyDigest),
    report_id: hexOf(report.reportId),
    report_id_ma: hexOf(report.reportIdMa),
    reported_tcb: tcbHex(report.reportedTcb),
    cpuid_fam_id: report.cpu.family,
    cpuid_mod_id: report.cpu.model,
    cpuid_step: report.cpu.stepping,
    chip_id: hexOf(report.chipId),
    committed_tcb: tcbHex(report.committedTcb),
    current_major: currentMajor ?? 0,
    current_minor: currentMinor ?? 0,
    current_build: currentBuild ?? 0,
    committed_major: major ?? 0,
    committed_minor: minor ?? 0,
    committed_build: build ?? 0,
    launch_tcb: tcbHex(report.launchTcb),
    signature: { r: hexOf(report.signatureR), s: hexOf(report.signatureS) },
  };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
