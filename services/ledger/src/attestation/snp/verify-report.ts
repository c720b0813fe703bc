// SPDX-License-Identifier: Apache-2.0
import { type CheckResult, readAsCheck, runChecks } from "../check.js";
import { nameOf } from "../x509/index.js";
import { BINDING_CHECKS } from "./binding-checks.js";
import { CHAIN_CHECKS } from "./chain-checks.js";
import { type Endorsements, parseEndorsements } from "./endorsements.js";
import { parseReport, REPORT_BYTES, type SnpReport } from "./report.js";
import { REPORT_CHECKS } from "./report-checks.js";
import { AMD_ROOTS, type TrustedRoot } from "./roots.js";

export interface SnpEvidence {
  readonly report: Uint8Array;
  /** VCEK, ASK and ARK in PEM. */
  readonly endorsements: Uint8Array;
  /** 16 hex digits. */
  readonly claimedTcb?: string | undefined;
}

export interface SnpTrust {
  /** The moment at which certificates must be valid; now by default. */
  readonly at?: Date | undefined;
  /** AMD's by default. Others are for tests. */
  readonly roots?: readonly TrustedRoot[] | undefined;
}

export interface CheckedReport {
  readonly report: SnpReport | undefined;
  readonly endorsements: Endorsements | undefined;
  /** All of them, in the order in which the first failure decides. */
  readonly checks: readonly CheckResult[];
}

/** Whether a genuine processor made the report for a guest that nobody can look into. Never throws. */
export function checkReport(evidence: SnpEvidence, trust: SnpTrust = {}): CheckedReport {
  const roots = trust.roots ?? AMD_ROOTS;
  const at = trust.at ?? new Date();
  const { value: report, check: reportRead } = readAsCheck(
    {
      id: "report.format",
      rule: `the report has ${REPORT_BYTES} bytes`,
      found: () => `${REPORT_BYTES} bytes`,
    },
    () => parseReport(evidence.report),
  );
  const { value: endorsements, check: endorsementsRead } = readAsCheck(
    {
      id: "chain.format",
      rule: "the endorsements are the certificates VCEK, ASK and ARK",
      found: ({ vcek, ask, ark }: Endorsements) => [vcek, ask, ark].map(nameOf).join(", "),
    },
    () => parseEndorsements(evidence.endorsements),
  );
  const { claimedTcb } = evidence;
  const both = report && endorsements && { report, endorsements, roots, claimedTcb };
  const checks = [
    reportRead,
    endorsementsRead,
    ...runChecks(CHAIN_CHECKS, endorsements && { endorsements, roots, at }),
    ...runChecks(REPORT_CHECKS, report),
    ...runChecks(BINDING_CHECKS, both),
  ];
  return { report, endorsements, checks };
}
