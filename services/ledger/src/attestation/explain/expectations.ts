// SPDX-License-Identifier: Apache-2.0
import { type CheckDefinition, type CheckResult, runChecks } from "../check.js";

/** What a person expects of evidence, in hex; a virtual measurement is text. */
export interface Expectations {
  readonly measurement?: string | undefined;
  readonly hostData?: string | undefined;
  /** 64 digits, compared with the first half of an SNP report's data, or all 128. */
  readonly reportData?: string | undefined;
}

export interface ExpectedFacts {
  readonly measurement: string;
  readonly hostData: string;
  readonly reportData: string;
}

const DIGEST_DIGITS = 64;

/** Compares evidence with what was expected; what was not asked for is left out. */
export function checkExpectations(
  expected: Expectations,
  facts: ExpectedFacts | undefined,
): CheckResult[] {
  const { measurement, hostData, reportData } = expected;
  const asked: CheckDefinition<ExpectedFacts>[] = [];
  if (measurement !== undefined) {
    asked.push(equal("measurement", measurement, (found) => found.measurement));
  }
  if (hostData !== undefined) asked.push(equal("host-data", hostData, (found) => found.hostData));
  if (reportData !== undefined) {
    const isDigest = reportData.length === DIGEST_DIGITS;
    asked.push(
      equal("report-data", reportData, (found) =>
        isDigest ? found.reportData.slice(0, DIGEST_DIGITS) : found.reportData,
      ),
    );
  }
  return runChecks(asked, facts);
}

function equal(
  name: string,
  expected: string,
  read: (facts: ExpectedFacts) => string,
): CheckDefinition<ExpectedFacts> {
  return {
    id: `expected.${name}`,
    rule: `the ${name.replace("-", " ")} is the expected one`,
    find: (facts) => {
      const found = read(facts);
      const holds = found.toLowerCase() === expected.toLowerCase();
      return { holds, found: holds ? found : `found ${found}, expected ${expected}` };
    },
  };
}
