// SPDX-License-Identifier: Apache-2.0
import type { CheckDefinition } from "../check.js";
import { cpuidOf, productOf } from "./product.js";
import type { SnpReport } from "./report.js";
import { usedReservedByte } from "./report.js";
import { SIGNING_KEYS } from "./report-bits.js";
import { ECDSA_P384_SHA384 } from "./signature.js";

const VERSION_MIN = 3;
/** The newest whose reserved parts are known. */
const VERSION_KNOWN = 5;
/** A guest may ask for reports at its own level or a weaker one; the host's are above. */
const VMPL_MAX = 3;

/** What a report must say of itself, whoever signed it. */
export const REPORT_CHECKS: readonly CheckDefinition<SnpReport>[] = [
  {
    id: "report.version",
    rule: `the report has version ${VERSION_MIN} or later`,
    find: ({ version }) => ({ holds: version >= VERSION_MIN, found: `version ${version}` }),
  },
  {
    id: "report.processor",
    rule: "the processor is a Milan, Genoa or Turin",
    find: ({ cpu }) => {
      const product = productOf(cpu);
      const numbers = `family ${cpu.family}, model ${cpu.model}, stepping ${cpu.stepping}`;
      const found = `${product ?? "unknown"} (${numbers}, CPUID ${cpuidOf(cpu) ?? "none"})`;
      return { holds: product !== undefined, found };
    },
  },
  {
    id: "report.algorithm",
    rule: "the report is signed with ECDSA on P-384 and SHA-384",
    find: ({ signatureAlgorithm }) => ({
      holds: signatureAlgorithm === ECDSA_P384_SHA384,
      found: `algorithm ${signatureAlgorithm}`,
    }),
  },
  {
    id: "report.signing-key",
    rule: "the signing key is the VCEK",
    find: ({ keyInfo: { signingKey } }) => {
      const [name] = Object.entries(SIGNING_KEYS).find(([, key]) => key === signingKey) ?? [];
      const found = name?.toUpperCase() ?? `key ${signingKey}`;
      return { holds: signingKey === SIGNING_KEYS.vcek, found };
    },
  },
  {
    id: "report.chip-key",
    rule: "the chip's key is not masked",
    find: ({ keyInfo }) => ({
      holds: !keyInfo.maskChipKey,
      found: keyInfo.maskChipKey ? "masked: any host could have made the report" : "not masked",
    }),
  },
  {
    id: "report.vmpl",
    rule: `the report was asked for by a guest, at VMPL ${VMPL_MAX} or below`,
    find: ({ vmpl }) => ({ holds: vmpl <= VMPL_MAX, found: `VMPL ${vmpl}` }),
  },
  {
    id: "policy.debug",
    rule: "the guest's policy forbids debugging",
    find: ({ policy }) => ({
      holds: !policy.debug,
      found: policy.debug ? "allowed: the host may read and write the guest's memory" : "forbidden",
    }),
  },
  {
    id: "policy.migration",
    rule: "the guest's policy forbids migration agents",
    find: ({ policy }) => ({
      holds: !policy.migrateMa,
      found: policy.migrateMa ? "allowed: an agent may copy the guest" : "forbidden",
    }),
  },
  {
    id: "report.reserved",
    rule: "nothing is set that has no known meaning",
    find: (report) => ({ holds: unknownPart(report) === undefined, found: reservedWords(report) }),
  },
];

function unknownPart(report: SnpReport): string | undefined {
  if (!report.policy.reservedBitsHold) return "reserved bits of the guest's policy are set";
  if (!report.keyInfo.reservedBitsHold) return "reserved bits of the key information are set";
  if (report.version > VERSION_KNOWN) return undefined;
  const offset = usedReservedByte(report);
  return offset === undefined ? undefined : `the reserved byte at offset ${offset} is set`;
}

function reservedWords(report: SnpReport): string {
  const unknown = unknownPart(report);
  if (unknown !== undefined) return unknown;
  return report.version > VERSION_KNOWN
    ? `only policy and key information were looked at: version ${report.version} may use more`
    : "nothing";
}
