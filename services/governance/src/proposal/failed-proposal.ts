// SPDX-License-Identifier: Apache-2.0
import { governanceErrors } from "../errors.js";
import type { Failure } from "./resolve-proposal.js";

/** The answer to the request that would have decided a proposal which cannot be applied. */
export function failedProposal(proposalId: string, failure: Failure): Error {
  return governanceErrors("PROPOSAL_FAILED", failure.reason, {
    details: {
      proposal_id: proposalId,
      ...(failure.trace === undefined ? {} : { trace: failure.trace }),
    },
    hint: "Nothing was changed. The proposal can be voted on again once the cause is gone.",
  });
}
