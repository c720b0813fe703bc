// SPDX-License-Identifier: Apache-2.0
import type { CheckDefinition, Finding } from "../check.js";
import type { Endorsements } from "./endorsements.js";
import { productOf } from "./product.js";
import type { SnpReport } from "./report.js";
import { productOfRoot, type TrustedRoot } from "./roots.js";
import { signatureFault } from "./signature.js";
import { decodeTcb, describeTcb, meetsTcb, tcbHex } from "./tcb.js";
import { chipIdBytes, endorsedChipId, endorsedTcb } from "./vcek.js";

export interface BindingFacts {
  readonly report: SnpReport;
  readonly endorsements: Endorsements;
  readonly roots: readonly TrustedRoot[];
  /** The TCB version that the node says its endorsements are for: 16 hex digits. */
  readonly claimedTcb: string | undefined;
}

/** Whether report and certificates belong together. */
export const BINDING_CHECKS: readonly CheckDefinition<BindingFacts>[] = [
  {
    id: "report.signature",
    rule: "the report is signed by the VCEK",
    find: ({ report, endorsements }) => {
      const fault = signatureFault(report, endorsements.vcek);
      return fault === undefined
        ? { holds: true, found: "signed" }
        : { holds: false, found: fault };
    },
  },
  { id: "endorsed.product", rule: "the root is that of the processor", find: findProduct },
  {
    id: "endorsed.tcb",
    rule: "the reported TCB is at least the one that the VCEK is for",
    find: ({ report, endorsements }) => {
      const product = productOf(report.cpu);
      if (product === undefined) return { holds: false, found: "the processor is unknown" };
      const reported = decodeTcb(report.reportedTcb, product);
      const endorsed = endorsedTcb(endorsements.vcek, product);
      const found = `reported ${describeTcb(reported)}; VCEK for ${describeTcb(endorsed)}`;
      return { holds: meetsTcb(reported, endorsed), found };
    },
  },
  { id: "endorsed.chip", rule: "the VCEK is the key of the chip in the report", find: findChip },
  {
    id: "endorsed.claim",
    rule: "the reported TCB is the one that the node names",
    find: ({ report, claimedTcb }) => {
      if (claimedTcb === undefined) return undefined;
      const reported = tcbHex(report.reportedTcb);
      const found = `reported ${reported}, named ${claimedTcb}`;
      return { holds: reported === claimedTcb.toLowerCase(), found };
    },
  },
];

function findProduct({ report, endorsements, roots }: BindingFacts): Finding {
  const spki = endorsements.ark.x509.publicKey.export({ type: "spki", format: "der" });
  const certified = productOfRoot(spki, roots) ?? "none";
  const product = productOf(report.cpu) ?? "unknown";
  return { holds: certified === product, found: `processor ${product}, root of ${certified}` };
}

function findChip({ report, endorsements }: BindingFacts): Finding {
  const product = productOf(report.cpu);
  if (product === undefined) return { holds: false, found: "the processor is unknown" };
  const reported = Buffer.from(report.chipId.subarray(0, chipIdBytes(product)));
  const endorsed = endorsedChipId(endorsements.vcek, product);
  const [ours, theirs] = [reported.toString("hex"), Buffer.from(endorsed).toString("hex")];
  return reported.equals(endorsed)
    ? { holds: true, found: ours }
    : { holds: false, found: `reported ${ours}, VCEK of ${theirs}` };
}
