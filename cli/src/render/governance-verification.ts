// SPDX-License-Identifier: Apache-2.0
import type {
  GovernanceFinding,
  GovernanceVerification,
} from "../operations/audit/verify-governance.js";
import { renderFields } from "./table.js";
import { count, statusWord, strong } from "./text.js";

const SHOWN_MAX = 10;
const VALUE_CHARACTERS_MAX = 400;

/** What was made again, and what came out otherwise. */
export function renderGovernanceVerification(result: GovernanceVerification): string {
  return [
    ...result.findings.slice(0, SHOWN_MAX).map(renderFinding),
    ...renderMore(result),
    ...result.remarks.map(({ transactionId, message }) => `${strong(transactionId)}  ${message}\n`),
    renderFields([
      ["governance", statusWord(result.verified ? "verified" : "Invalid")],
      ["ledger", renderLedger(result)],
      ["requests", renderCounts(result.requests)],
      ["proposals", renderCounts(result.decisions)],
      ["constitutions", String(result.constitutions.length)],
      ["service", renderService(result)],
      ["took", renderSpeed(result)],
    ]),
  ].join("\n");
}

function renderFinding(finding: GovernanceFinding): string {
  const { transactionId, code, message, table, key, expected, found } = finding;
  const fields = renderFields(
    [
      ["table", table ?? undefined],
      ["key", key ?? undefined],
      ["expected", shorten(expected)],
      ["found", shorten(found)],
    ],
    "  ",
  );
  return `${strong(transactionId)}  ${message} (${code})\n${fields === "" ? "" : `${fields}\n`}`;
}

function renderMore({ findingCount }: GovernanceVerification): string[] {
  const more = findingCount - SHOWN_MAX;
  return more > 0 ? [`and ${count(more, "more difference")}; --json lists them\n`] : [];
}

function renderLedger({ ledgerFault, transactions, lastSigned }: GovernanceVerification): string {
  if (ledgerFault === null)
    return `${transactions} transactions, signed up to ${lastSigned ?? "nothing"}`;
  const where = ledgerFault.transactionId === null ? "" : ` at ${ledgerFault.transactionId}`;
  return `does not verify${where}: ${ledgerFault.message} (${ledgerFault.code})`;
}

function renderCounts(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, number]) => `${number} ${name}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}

function renderService({ serviceCertificateChecked }: GovernanceVerification): string {
  return serviceCertificateChecked
    ? "as in the certificate given"
    : "not compared with a certificate: give --service-cert";
}

function renderSpeed({ elapsedMs, requestCount }: GovernanceVerification): string {
  const perSecond = elapsedMs === 0 ? 0 : Math.round((requestCount * 1000) / elapsedMs);
  return `${(elapsedMs / 1000).toFixed(1)} s, ${perSecond} requests a second`;
}

function shorten(text: string | null): string | undefined {
  if (text === null) return undefined;
  return text.length <= VALUE_CHARACTERS_MAX ? text : `${text.slice(0, VALUE_CHARACTERS_MAX)}…`;
}
