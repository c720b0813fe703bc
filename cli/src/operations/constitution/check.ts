// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditedLedger, runAuditProcess } from "../audit/audit-process.js";
import { option } from "../audit/verify-governance.js";
import { constitutionDigest } from "./read-constitution.js";

/** A recorded request that comes out otherwise under the constitution that is tried. */
export interface RehearsalDifference {
  transactionId: string;
  type: string;
  proposalId: string;
  recorded: string;
  rehearsed: string;
  reason: string | null;
  /** Rows that would be otherwise where both accept the proposal. */
  rows: { table: string; key: string; expected: string | null; found: string | null }[];
}

/** A change that is tried on the newest state, with the votes of all active members. */
export interface ConstitutionTrial {
  name: string;
  invalid: string | null;
  /** Null if not even all members together can pass it. */
  votesNeeded: number | null;
  failure: string | null;
}

export interface ConstitutionCheck {
  sha256: string;
  /** Why the text is no constitution at all. */
  exportsFault: string | null;
  ledgerFault: { code: string; message: string } | null;
  /** Null where no ledger was named. */
  rehearsed: number | null;
  /** The first of them; there are `differenceCount`. */
  differences: RehearsalDifference[];
  differenceCount: number;
  activeMembers: number | null;
  /** Why the constitution in force would not take it. */
  refusedNow: string | null;
  trials: ConstitutionTrial[];
  locksOut: boolean;
}

export interface ConstitutionCheckRequest {
  text: string;
  ledger: AuditedLedger | undefined;
  serviceCertificateFile?: string | undefined;
  onProgress?: (rehearsed: number) => void;
}

/** As the process reports it. */
interface Report {
  exportsFault?: string;
  ledgerFault?: { code: string; message: string };
  rehearsed: number;
  differences: {
    transactionId: string;
    type: string;
    proposalId: string;
    recorded: string;
    rehearsed: string;
    reason?: string;
    rows: { table?: string; key?: string; expected?: string; found?: string }[];
  }[];
  differenceCount: number;
  conclusion?: {
    activeMembers: number;
    refusedNow?: string;
    trials: { name: string; invalid?: string; votesNeeded?: number; failure?: string }[];
  };
  locksOut: boolean;
}

/** Tries a constitution before anyone votes on it. */
export async function checkConstitution(
  request: ConstitutionCheckRequest,
): Promise<ConstitutionCheck> {
  const { text, ledger, serviceCertificateFile, onProgress } = request;
  const folder = await mkdtemp(join(tmpdir(), "ccfctl-"));
  try {
    const file = join(folder, "constitution.js");
    await writeFile(file, text);
    const report = (await runAuditProcess({
      command: "check-constitution",
      ledger,
      args: ["--constitution", file, ...option("--service-cert", serviceCertificateFile)],
      onProgress: ({ requests = 0 }) => onProgress?.(requests),
    })) as Report;
    return viewReport(report, text, ledger !== undefined);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function viewReport(report: Report, text: string, hasLedger: boolean): ConstitutionCheck {
  const { conclusion } = report;
  return {
    sha256: constitutionDigest(text),
    exportsFault: report.exportsFault ?? null,
    ledgerFault:
      report.ledgerFault === undefined
        ? null
        : { code: report.ledgerFault.code, message: report.ledgerFault.message },
    rehearsed: hasLedger && report.exportsFault === undefined ? report.rehearsed : null,
    differences: report.differences.map(({ reason, rows, ...difference }) => ({
      ...difference,
      reason: reason ?? null,
      rows: rows.map(({ table = "", key = "", expected, found }) => ({
        table,
        key,
        expected: expected ?? null,
        found: found ?? null,
      })),
    })),
    differenceCount: report.differenceCount,
    activeMembers: conclusion?.activeMembers ?? null,
    refusedNow: conclusion?.refusedNow ?? null,
    trials: (conclusion?.trials ?? []).map(({ name, invalid, votesNeeded, failure }) => ({
      name,
      invalid: invalid ?? null,
      votesNeeded: votesNeeded ?? null,
      failure: failure ?? null,
    })),
    locksOut: report.locksOut,
  };
}
