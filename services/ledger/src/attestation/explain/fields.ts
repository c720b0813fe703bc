// SPDX-License-Identifier: Apache-2.0
import { encodeHex } from "../../tables/json.js";
import {
  cpuidOf,
  decodeTcb,
  describeTcb,
  OFFSETS,
  productOf,
  SIGNING_KEYS,
  type SnpReport,
  tcbHex,
} from "../snp/index.js";

/** One field of a report, in words. */
export interface ExplainedField {
  readonly name: string;
  /** Where it is in the report: hex, such as `0x090`. */
  readonly offset: string;
  readonly value: string;
  readonly meaning: string;
}

/** All fields of a report, in the order in which they stand. */
export function explainReport(report: SnpReport): ExplainedField[] {
  return [...launchFields(report), ...guestFields(report), ...chipFields(report)];
}

function launchFields(report: SnpReport): ExplainedField[] {
  const at = OFFSETS;
  const { signingKey, authorKeyEnabled, maskChipKey } = report.keyInfo;
  const [keyName] = Object.entries(SIGNING_KEYS).find(([, key]) => key === signingKey) ?? [];
  return [
    field("version", at.version, String(report.version), "layout of the report"),
    field(
      "guest_svn",
      at.guestSvn,
      String(report.guestSvn),
      "version number the guest's owner gave",
    ),
    ...policyFields(report),
    field("family_id", at.familyId, encodeHex(report.familyId), "chosen by the guest's owner"),
    field("image_id", at.imageId, encodeHex(report.imageId), "chosen by the guest's owner"),
    field("vmpl", at.vmpl, String(report.vmpl), "privilege level that asked; 0 is the highest"),
    field(
      "signature_algo",
      at.signatureAlgorithm,
      String(report.signatureAlgorithm),
      "1 is ECDSA on P-384 with SHA-384",
    ),
    tcbField("current_tcb", at.currentTcb, report, "firmware that runs"),
    ...platformFields(report),
    field("author_key_en", at.keyInfo, yesNo(authorKeyEnabled), "the owner's author key is named"),
    field("mask_chip_key", at.keyInfo, yesNo(maskChipKey), "the chip's key is hidden"),
    field("signing_key", at.keyInfo, keyName ?? String(signingKey), "key that signed the report"),
  ];
}

function policyFields({ policy }: SnpReport): ExplainedField[] {
  const offset = OFFSETS.policy;
  const rule = (name: string, value: boolean, meaning: string): ExplainedField =>
    field(`policy.${name}`, offset, yesNo(value), meaning);
  const abi = `${policy.abiMajor}.${policy.abiMinor}`;
  return [
    field("policy.abi", offset, abi, "least version of the firmware's interface"),
    rule("smt", policy.smt, "may run on hyper-threads"),
    rule("migrate_ma", policy.migrateMa, "an agent may copy the guest to another host"),
    rule("debug", policy.debug, "the host may read the guest's memory"),
    rule("single_socket", policy.singleSocket, "runs on one socket only"),
    rule("cxl_allow", policy.cxlAllowed, "CXL devices may be there"),
    rule("mem_aes_256_xts", policy.memAes256Xts, "memory is encrypted with AES-256-XTS"),
    rule("rapl_dis", policy.raplDisabled, "power measurement must be off"),
    rule("ciphertext_hiding_dram", policy.ciphertextHidingDram, "host cannot read ciphertext"),
    rule("page_swap_disable", policy.pageSwapDisabled, "host may not swap pages"),
  ];
}

function platformFields({ platformInfo: info }: SnpReport): ExplainedField[] {
  const fact = (name: string, value: boolean, meaning: string): ExplainedField =>
    field(`platform_info.${name}`, OFFSETS.platformInfo, yesNo(value), meaning);
  return [
    fact("smt_en", info.smtEnabled, "hyper-threading is on"),
    fact("tsme_en", info.tsmeEnabled, "all memory is encrypted"),
    fact("ecc_en", info.eccEnabled, "memory corrects errors"),
    fact("rapl_dis", info.raplDisabled, "power measurement is off"),
    fact("ciphertext_hiding_dram_en", info.ciphertextHidingDram, "ciphertext is hidden"),
    fact("alias_check_complete", info.aliasCheckComplete, "no address stands for two places"),
    fact("tio_en", info.tioEnabled, "trusted devices are on"),
  ];
}

function guestFields(report: SnpReport): ExplainedField[] {
  const at = OFFSETS;
  const hex = encodeHex;
  return [
    field(
      "report_data",
      at.reportData,
      hex(report.reportData),
      "a node writes its key's hash here",
    ),
    field("measurement", at.measurement, hex(report.measurement), "hash of what was launched"),
    field("host_data", at.hostData, hex(report.hostData), "hash of the security policy"),
    field("id_key_digest", at.idKeyDigest, hex(report.idKeyDigest), "key of the guest's owner"),
    field(
      "author_key_digest",
      at.authorKeyDigest,
      hex(report.authorKeyDigest),
      "key that endorses the owner's key",
    ),
    field("report_id", at.reportId, hex(report.reportId), "this launch of the guest"),
    field(
      "report_id_ma",
      at.reportIdMa,
      hex(report.reportIdMa),
      "its migration agent; all ones for none",
    ),
  ];
}

function chipFields(report: SnpReport): ExplainedField[] {
  const at = OFFSETS;
  const { cpu } = report;
  const product = productOf(cpu) ?? "unknown";
  const numbers = `family ${cpu.family}, model ${cpu.model}, stepping ${cpu.stepping}`;
  return [
    tcbField("reported_tcb", at.reportedTcb, report, "firmware that the signing key stands for"),
    field("cpuid", at.cpu, cpuidOf(cpu) ?? "none", `${product}: ${numbers}`),
    field("chip_id", at.chipId, encodeHex(report.chipId), "the processor"),
    tcbField("committed_tcb", at.committedTcb, report, "firmware that cannot be undone"),
    field(
      "current_version",
      at.currentVersion,
      report.currentVersion,
      "firmware release that runs",
    ),
    field(
      "committed_version",
      at.committedVersion,
      report.committedVersion,
      "firmware release that cannot be undone",
    ),
    tcbField("launch_tcb", at.launchTcb, report, "firmware when the guest was launched"),
    field(
      "launch_mit_vector",
      at.launchMitigations,
      bits(report.launchMitigations),
      "mitigations at launch, from version 5 on",
    ),
    field(
      "current_mit_vector",
      at.currentMitigations,
      bits(report.currentMitigations),
      "mitigations now, from version 5 on",
    ),
    field(
      "signature.r",
      at.signatureR,
      encodeHex(report.signatureR),
      "of the signature, little-endian",
    ),
    field(
      "signature.s",
      at.signatureS,
      encodeHex(report.signatureS),
      "of the signature, little-endian",
    ),
  ];
}

type TcbField = "currentTcb" | "reportedTcb" | "committedTcb" | "launchTcb";

function tcbField(
  name: string,
  offset: number,
  report: SnpReport,
  meaning: string,
): ExplainedField {
  const fields: Readonly<Record<number, TcbField>> = {
    [OFFSETS.currentTcb]: "currentTcb",
    [OFFSETS.reportedTcb]: "reportedTcb",
    [OFFSETS.committedTcb]: "committedTcb",
    [OFFSETS.launchTcb]: "launchTcb",
  };
  const bytes = report[fields[offset] ?? "currentTcb"];
  const product = productOf(report.cpu);
  const parts = product === undefined ? "" : ` (${describeTcb(decodeTcb(bytes, product))})`;
  return field(name, offset, `${tcbHex(bytes)}${parts}`, meaning);
}

function field(name: string, offset: number, value: string, meaning: string): ExplainedField {
  return { name, offset: `0x${offset.toString(16).padStart(3, "0")}`, value, meaning };
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

function bits(value: bigint): string {
  return `0x${value.toString(16)}`;
}
