// SPDX-License-Identifier: Apache-2.0

export type CheckOutcome = "passed" | "failed" | "skipped";

/** One check of evidence: the rule, and what was found. */
export interface CheckResult {
  /** Stable, for programs. */
  readonly id: string;
  /** What must hold, as a statement. */
  readonly rule: string;
  /** A check is skipped when it was not asked for or when what it looks at could not be read. */
  readonly outcome: CheckOutcome;
  readonly found: string;
}

export interface Finding {
  readonly holds: boolean;
  readonly found: string;
}

export interface CheckDefinition<Facts> {
  readonly id: string;
  readonly rule: string;
  /** `undefined` if the evidence does not have what the check is about. May throw: that is a failure. */
  readonly find: (facts: Facts) => Finding | undefined;
}

/** Runs all checks, also after a failure. Without facts all of them are skipped. */
export function runChecks<Facts>(
  definitions: readonly CheckDefinition<Facts>[],
  facts: Facts | undefined,
): CheckResult[] {
  return definitions.map((definition) => runCheck(definition, facts));
}

function runCheck<Facts>(
  { id, rule, find }: CheckDefinition<Facts>,
  facts: Facts | undefined,
): CheckResult {
  if (facts === undefined) {
    return { id, rule, outcome: "skipped", found: "what it is about cannot be read" };
  }
  try {
    const finding = find(facts);
    if (finding === undefined) return { id, rule, outcome: "skipped", found: "not given" };
    return { id, rule, outcome: finding.holds ? "passed" : "failed", found: finding.found };
  } catch (error) {
    return { id, rule, outcome: "failed", found: messageOf(error) };
  }
}

/** Reads something; a failure to read is the failure of a check. */
export function readAsCheck<T>(
  { id, rule, found }: { id: string; rule: string; found: (value: T) => string },
  read: () => T,
): { value: T | undefined; check: CheckResult } {
  try {
    const value = read();
    return { value, check: { id, rule, outcome: "passed", found: found(value) } };
  } catch (error) {
    const check: CheckResult = { id, rule, outcome: "failed", found: messageOf(error) };
    return { value: undefined, check };
  }
}

/** The first check that failed. One that was skipped for lack of input never stands alone. */
export function firstFailure(checks: readonly CheckResult[]): CheckResult | undefined {
  return checks.find(({ outcome }) => outcome === "failed");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
