// SPDX-License-Identifier: Apache-2.0
import { type AuditedLedger, runAuditProcess } from "./audit-process.js";

/** One thing that is wrong, and where. */
export interface GovernanceFinding {
  transactionId: string;
  code: string;
  message: string;
  table: string | null;
  key: string | null;
  expected: string | null;
  found: string | null;
}

/** What an audit of the governance of a ledger found. */
export interface GovernanceVerification {
  verified: boolean;
  /** What is wrong with the ledger itself, before any decision is looked at. */
  ledgerFault: { code: string; message: string; transactionId: string | null } | null;
  /** The first of them; there are `findingCount`. */
  findings: GovernanceFinding[];
  findingCount: number;
  /** What cannot be made again the same way, but fits. */
  remarks: { transactionId: string; message: string }[];
  transactions: string;
  lastSigned: string | null;
  unsignedTransactions: string;
  governanceTransactions: number;
  requests: Record<string, number>;
  requestCount: number;
  decisions: Record<string, number>;
  constitutions: { transactionId: string; sha256: string }[];
  serviceCertificateChecked: boolean;
  elapsedMs: number;
}

export interface GovernanceVerifyRequest {
  ledger: AuditedLedger;
  serviceCertificateFile?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  threads?: number | undefined;
  onProgress?: (progress: { transactions?: number; requests?: number }) => void;
}

/** As the process reports it. */
interface Report {
  ok: boolean;
  ledgerFault?: { code: string; message: string; transactionId?: string };
  findings: (Partial<GovernanceFinding> & {
    transactionId: string;
    code: string;
    message: string;
  })[];
  findingCount: number;
  remarks: { transactionId: string; message: string }[];
  transactions: number;
  lastSigned?: string;
  unsignedTransactions: number;
  governanceTransactions: number;
  requests: Record<string, number>;
  requestCount: number;
  decisions: Record<string, number>;
  constitutions: { transactionId: string; sha256: string }[];
  elapsedMs: number;
}

/** Makes every governance decision on a ledger again. What is wrong is in the result. */
export async function verifyGovernance(
  request: GovernanceVerifyRequest,
): Promise<GovernanceVerification> {
  const { ledger, serviceCertificateFile, from, to, threads, onProgress } = request;
  const args = [
    ...option("--service-cert", serviceCertificateFile),
    ...option("--from", from),
    ...option("--to", to),
    ...option("--threads", threads?.toString()),
  ];
  const report = (await runAuditProcess({
    command: "verify",
    ledger,
    args,
    ...(onProgress === undefined ? {} : { onProgress }),
  })) as Report;
  const { ok, ledgerFault, findings, remarks, lastSigned, ...rest } = report;
  return {
    ...rest,
    verified: ok,
    ledgerFault:
      ledgerFault === undefined
        ? null
        : { ...ledgerFault, transactionId: ledgerFault.transactionId ?? null },
    findings: findings.map(toFinding),
    remarks: remarks.map(({ transactionId, message }) => ({ transactionId, message })),
    transactions: String(report.transactions),
    lastSigned: lastSigned ?? null,
    unsignedTransactions: String(report.unsignedTransactions),
    serviceCertificateChecked: serviceCertificateFile !== undefined,
  };
}

export function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, value];
}

function toFinding(finding: Report["findings"][number]): GovernanceFinding {
  const { transactionId, code, message, table, key, expected, found } = finding;
  return {
    transactionId,
    code,
    message,
    table: table ?? null,
    key: key ?? null,
    expected: expected ?? null,
    found: found ?? null,
  };
}
