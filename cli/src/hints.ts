// SPDX-License-Identifier: Apache-2.0
import type { AppError } from "@consortium/kit/errors";

/** What to try, for errors whose sender gave no hint. Each is one sentence with a command where there is one. */
const HINTS: Readonly<Record<string, string>> = {
  AUTHORIZATION_FAILED:
    "Only the member who made the proposal may withdraw it: see its proposer with `ccfctl proposal show`.",
  DEADLINE_EXCEEDED: "Give it longer with --timeout, or look at the services with `ccfctl status`.",
  INVALID_AUTHENTICATION:
    "Check the identity that was used: `ccfctl member list` and `ccfctl user list` show who is known.",
  INVALID_CREATED_AT: "Set the clock of this machine, or give the time with --created-at.",
  KEY_NOT_FOUND: "List the keys of the map with `ccfctl kv range --map NAME`.",
  MEMBER_NOT_FOUND: "List the members with `ccfctl member list`.",
  NODE_NOT_FOUND: "List the nodes with `ccfctl node list`.",
  NO_SIGNATURE_YET: "Try again in a second, when the first signature is on the ledger.",
  PROPOSAL_CREATED_TOO_LONG_AGO:
    "Make and sign the proposal again: a proposal must be sent soon after it was signed.",
  PROPOSAL_FAILED_TO_VALIDATE:
    "Correct the arguments; --dry-run shows the proposal without sending it.",
  PROPOSAL_NOT_FOUND: "List the proposals with `ccfctl proposal list`.",
  PROPOSAL_NOT_OPEN: "See how it ended with `ccfctl proposal show`.",
  PROPOSAL_REPLAY: "This signed proposal was sent before; see it with `ccfctl proposal list`.",
  SERVICE_NOT_OPEN: "Members open the service with `ccfctl propose service open` and their votes.",
  STATE_DIGEST_MISMATCH: "Run `ccfctl ack` again: the digest was updated in between.",
  TABLE_READ_ONLY:
    "Names starting with `ccf.` or `public:ccf.` belong to the service; choose another --map.",
  TRANSACTION_PENDING_OR_UNKNOWN: "Wait for it with `ccfctl tx status ID --wait`.",
  UNAVAILABLE:
    "Check the address and that the service runs: `ccfctl status`, or `ccfctl sandbox up` for a local one.",
  USER_NOT_FOUND: "List the users with `ccfctl user list`.",
  VOTE_ALREADY_EXISTS: "A vote cannot be changed; see it with `ccfctl proposal show`.",
};

export function hintFor(error: AppError): string | undefined {
  return HINTS[error.code];
}
