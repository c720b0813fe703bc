// SPDX-License-Identifier: Apache-2.0
import { styleText } from "node:util";
import type {
  ConstitutionCheck,
  ConstitutionTrial,
  RehearsalDifference,
} from "../operations/constitution/check.js";
import type { DiffHunk } from "../operations/constitution/diff-lines.js";
import { renderFields } from "./table.js";
import { count, shortId, statusWord, strong } from "./text.js";

const DIFFERENCES_SHOWN_MAX = 20;
const REASON_CHARACTERS_MAX = 300;

/** As `diff -u` writes it. */
export function renderDiff(hunks: readonly DiffHunk[]): string {
  return hunks.flatMap((hunk) => [headOf(hunk), ...hunk.lines.map(renderLine)]).join("\n");
}

function headOf({ oldStart, newStart, lines }: DiffHunk): string {
  const oldCount = lines.filter(({ kind }) => kind !== "added").length;
  const newCount = lines.filter(({ kind }) => kind !== "removed").length;
  return paint("cyan", `@@ -${oldStart},${oldCount} +${newStart},${newCount} @@`);
}

function renderLine({ kind, text }: DiffHunk["lines"][number]): string {
  if (kind === "same") return ` ${text}`;
  return kind === "added" ? paint("green", `+${text}`) : paint("red", `-${text}`);
}

function paint(colour: "cyan" | "green" | "red", text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}

export function renderConstitutionCheck(check: ConstitutionCheck): string {
  const shown = check.differences.slice(0, DIFFERENCES_SHOWN_MAX);
  const more = check.differenceCount - shown.length;
  return [
    ...shown.map(renderDifference),
    ...(more > 0 ? [`and ${count(more, "more difference")}; --json lists them`] : []),
    renderFields([
      ["constitution", check.exportsFault ?? "validate, resolve and apply are there"],
      ["sha256", check.sha256],
      ["rehearsed", renderRehearsed(check)],
      [
        "ledger",
        check.ledgerFault === null ? undefined : `does not verify: ${check.ledgerFault.message}`,
      ],
      ["if proposed now", check.refusedNow === null ? undefined : `refused: ${check.refusedNow}`],
      ["active members", check.activeMembers?.toString()],
      ...check.trials.map(
        (trial) => [TRIAL_NAMES[trial.name] ?? trial.name, renderTrial(trial)] as const,
      ),
    ]),
    ...(check.locksOut ? [renderLockOut()] : []),
  ].join("\n");
}

const TRIAL_NAMES: Readonly<Record<string, string>> = {
  nothing: "any change",
  set_constitution: "another constitution",
};

function renderRehearsed({ rehearsed, differenceCount }: ConstitutionCheck): string | undefined {
  if (rehearsed === null) return undefined;
  const requests = `${rehearsed} recorded proposals and ballots`;
  return differenceCount === 0
    ? `${requests}, all come out the same`
    : `${requests}, ${differenceCount} come out otherwise`;
}

function renderTrial({ invalid, votesNeeded, failure }: ConstitutionTrial): string {
  if (invalid !== null) return `${statusWord("Invalid")}: ${invalid}`;
  if (votesNeeded === null) return statusWord("Rejected") + ", even if every member votes yes";
  const votes = `passes with ${count(votesNeeded, "vote")}`;
  return failure === null ? votes : `${votes}, and fails: ${failure}`;
}

function renderLockOut(): string {
  return strong(
    "\nUnder this constitution no set of members could change it again: the consortium would be locked out.",
  );
}

function renderDifference(difference: RehearsalDifference): string {
  const { transactionId, type, proposalId, recorded, rehearsed, reason, rows } = difference;
  const what = `${strong(transactionId)}  ${type} ${type === "ballot" ? "on " : ""}${shortId(proposalId)}`;
  const why = reason === null ? "" : `: ${reason.slice(0, REASON_CHARACTERS_MAX)}`;
  if (recorded !== rehearsed)
    return `${what} was ${statusWord(recorded)}, would be ${statusWord(rehearsed)}${why}`;
  const tables = [...new Set(rows.map(({ table }) => table))].join(", ");
  return `${what} would write ${count(rows.length, "row")} otherwise, in ${tables}`;
}
