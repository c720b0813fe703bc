// SPDX-License-Identifier: Apache-2.0
import type { GovernanceScope } from "../scope.js";
import type { ProposalRecord } from "./create-proposal.js";
import type { Committed } from "./execute.js";

/** Tells the log what was recorded of a proposal. */
export function report(
  { log }: Pick<GovernanceScope, "log">,
  event: "proposal created" | "ballot recorded" | "proposal withdrawn",
): (committed: Committed<ProposalRecord>) => Committed<ProposalRecord> {
  return (committed) => {
    const { value, transactionId } = committed;
    const { proposalId, info } = value;
    log?.info({ proposalId, state: info.state, transactionId }, event);
    return committed;
  };
}
