// SPDX-License-Identifier: Apache-2.0
import { type CheckDefinition, type CheckResult, readAsCheck, runChecks } from "../check.js";
import { algorithmName, coseSignatureFault } from "./cose-key.js";
import { resolveDidX509 } from "./did-x509.js";
import { readUvmEndorsements, type UvmEndorsement } from "./read-endorsements.js";

interface UvmFacts {
  readonly endorsement: UvmEndorsement;
  /** Hex, of the report; absent if the report cannot be read. */
  readonly measurement: string | undefined;
}

export interface CheckedUvm {
  readonly endorsement: UvmEndorsement | undefined;
  readonly checks: readonly CheckResult[];
}

const UVM_CHECKS: readonly CheckDefinition<UvmFacts>[] = [
  {
    id: "uvm.issuer",
    rule: "the certificates of the UVM endorsements lead to their issuer",
    find: ({ endorsement: { issuer, chain } }) => {
      resolveDidX509(issuer, chain);
      return { holds: true, found: issuer };
    },
  },
  {
    id: "uvm.signature",
    rule: "the UVM endorsements are signed by their issuer",
    find: ({ endorsement }) => {
      const [end] = endorsement.chain;
      if (end === undefined) return { holds: false, found: "there is no certificate" };
      const { algorithm } = endorsement;
      const fault = coseSignatureFault(end.x509.publicKey, algorithm, endorsement);
      return { holds: fault === undefined, found: fault ?? algorithmName(algorithm) };
    },
  },
  {
    id: "uvm.measurement",
    rule: "the UVM endorsements are for the measurement in the report",
    find: ({ endorsement, measurement }) => {
      if (measurement === undefined) return undefined;
      const holds = endorsement.measurement === measurement;
      return { holds, found: `endorsed ${endorsement.measurement}, reported ${measurement}` };
    },
  },
];

/** Whether somebody endorses a measurement, and who. Whether to trust them is the policy's matter. */
export function checkUvmEndorsements(
  bytes: Uint8Array,
  measurement: string | undefined,
): CheckedUvm {
  const { value: endorsement, check } = readAsCheck(
    {
      id: "uvm.format",
      rule: "the UVM endorsements are a COSE_Sign1 message of a known layout",
      found: ({ layout }: UvmEndorsement) =>
        `the layout with ${layout === "cwt" ? "CWT claims" : "a JSON payload"}`,
    },
    () => readUvmEndorsements(bytes),
  );
  const facts = endorsement && { endorsement, measurement };
  return { endorsement, checks: [check, ...runChecks(UVM_CHECKS, facts)] };
}
