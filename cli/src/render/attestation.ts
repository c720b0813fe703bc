// SPDX-License-Identifier: Apache-2.0
import { styleText } from "node:util";
import type { CheckOutcome, EvidenceExplanation } from "@consortium/ledger/attestation";
import { renderFields, renderTable } from "./table.js";
import { count, strong } from "./text.js";

/** Evidence for people: what it says, who vouches for it, and every check. */
export function renderExplanation(explanation: EvidenceExplanation): string {
  const { fields, certificates, checks } = explanation;
  const sections = [
    renderFields(summaryOf(explanation)),
    fields.length === 0 ? undefined : `${strong("Report")}\n${fieldTable(explanation)}`,
    certificates.length === 0
      ? undefined
      : `${strong("Certificates")}\n${certificateTable(explanation)}`,
    `${strong("Checks")}\n${checkTable(checks)}`,
  ];
  return sections.filter((section) => section !== undefined).join("\n\n");
}

function summaryOf({
  verified,
  format,
  vcek,
  uvm,
  checks,
}: EvidenceExplanation): [string, string | undefined][] {
  const failed = checks.filter(({ outcome }) => outcome === "failed").length;
  const word = verified
    ? styleText("green", "verified", { stream: process.stdout })
    : styleText("red", `not verified: ${count(failed, "check")} failed`, {
        stream: process.stdout,
      });
  return [
    ["evidence", word],
    ["format", format],
    ["VCEK for", vcek === null ? undefined : `${vcek.productName}, ${vcek.tcb}`],
    ["UVM", uvm === null ? undefined : `${uvm.feed}, SVN ${uvm.svn}`],
    ["endorsed by", uvm?.issuer],
  ];
}

function fieldTable({ fields }: EvidenceExplanation): string {
  const rows = fields.map(({ offset, name, meaning, value }) => [offset, name, meaning, value]);
  return renderTable(["OFFSET", "FIELD", "MEANING", "VALUE"], rows, "");
}

function certificateTable({ certificates }: EvidenceExplanation): string {
  const rows = certificates.map(({ role, name, issuer, validFrom, validTo }) => [
    role,
    name,
    issuer,
    `${validFrom.slice(0, 10)} to ${validTo.slice(0, 10)}`,
  ]);
  return renderTable(["ROLE", "NAME", "ISSUED BY", "VALID"], rows, "");
}

function checkTable(checks: EvidenceExplanation["checks"]): string {
  const rows = checks.map(({ outcome, rule, found }) => [outcomeWord(outcome), rule, found]);
  return renderTable(["OUTCOME", "RULE", "FOUND"], rows, "");
}

function outcomeWord(outcome: CheckOutcome): string {
  const colours = { passed: "green", failed: "red", skipped: "dim" } as const;
  return styleText(colours[outcome], outcome, { stream: process.stdout });
}
