// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { isAppError } from "@consortium/kit/errors";
import { governance } from "@consortium/proto";
import type { GovernanceClient } from "../../connect/clients.js";
import { readAllPages } from "../../connect/pages.js";
import { cliErrors } from "../../errors.js";
import { type ProposalView, viewProposal } from "../../views/governance.js";
import { type PreviewView, viewPreview } from "../../views/preview.js";
import type { MemberSigner } from "../signing/member-signer.js";
import { completeId } from "./ids.js";

export interface RecordedProposal {
  proposal: ProposalView;
  transactionId: string;
}

const PAGE_SIZE = 500;
const POLL_MS = 200;
const NO_PAYLOAD = new Uint8Array();
const VOTE_YES = "export function vote (rawProposal, proposerId) { return true }";
const VOTE_NO = "export function vote (rawProposal, proposerId) { return false }";

/** Signs a proposal body as it is and sends it. */
export async function createProposal(
  client: GovernanceClient,
  signer: MemberSigner,
  body: Uint8Array,
  options: { createdAt?: number } = {},
): Promise<RecordedProposal> {
  const coseSign1 = await signer.sign({ type: "proposal", payload: body, ...options });
  return viewRecorded(await client.createProposal({ coseSign1 }));
}

/** The text of a ballot that is always yes or always no. */
export function ballotText(yes: boolean): string {
  return yes ? VOTE_YES : VOTE_NO;
}

export async function submitBallot(
  client: GovernanceClient,
  signer: MemberSigner,
  proposalId: string,
  ballot: string,
): Promise<RecordedProposal> {
  const payload = Buffer.from(JSON.stringify({ ballot }));
  const coseSign1 = await signer.sign({ type: "ballot", payload, proposalId });
  return viewRecorded(await client.submitBallot({ coseSign1 }));
}

export async function withdrawProposal(
  client: GovernanceClient,
  signer: MemberSigner,
  proposalId: string,
): Promise<RecordedProposal> {
  const coseSign1 = await signer.sign({ type: "withdrawal", payload: NO_PAYLOAD, proposalId });
  return viewRecorded(await client.withdrawProposal({ coseSign1 }));
}

/** Every proposal in the tables, the open ones first. */
export async function listProposals(client: GovernanceClient): Promise<ProposalView[]> {
  const { UNSPECIFIED, OPEN } = governance.ProposalState;
  const proposals = await readAllPages(
    (pageToken) => client.listProposals({ pageSize: PAGE_SIZE, pageToken, state: UNSPECIFIED }),
    (page) => page.proposals,
  );
  const open = proposals.filter((proposal) => proposal.state === OPEN);
  const closed = proposals.filter((proposal) => proposal.state !== OPEN);
  return [...open, ...closed].map((proposal) => viewProposal(proposal));
}

/** The whole id of a proposal, of which the first digits were given. */
export function findProposalId(client: GovernanceClient, text: string): Promise<string> {
  return completeId(text, "proposal", async () => {
    const proposals = await listProposals(client);
    return proposals.map((proposal) => proposal.proposalId);
  });
}

export async function getProposal(
  client: GovernanceClient,
  proposalId: string,
): Promise<ProposalView> {
  const { proposal } = await client.getProposal({ proposalId });
  return viewProposal(proposal ?? missing("proposal"));
}

/** The body that was signed, as text. */
export async function getProposalBody(
  client: GovernanceClient,
  proposalId: string,
): Promise<string> {
  const { body } = await client.getProposalActions({ proposalId });
  return Buffer.from(body).toString("utf8");
}

export async function getBallot(
  client: GovernanceClient,
  proposalId: string,
  memberId: string,
): Promise<string> {
  const { ballot } = await client.getBallot({ proposalId, memberId });
  return ballot;
}

/** A body that nobody has signed, or an open proposal with the member whose yes is tried. */
export type PreviewSubject = { body: Uint8Array } | { proposalId: string; memberId?: string };

/** What a body, or an open proposal with one more vote, would change. */
export async function previewProposal(
  client: GovernanceClient,
  subject: PreviewSubject,
): Promise<PreviewView> {
  const request: governance.PreviewProposalRequest =
    "body" in subject
      ? { subject: { $case: "body", value: subject.body }, memberId: "" }
      : {
          subject: { $case: "proposalId", value: subject.proposalId },
          memberId: subject.memberId ?? "",
        };
  return viewPreview(await client.previewProposal(request));
}

/** The preview, or nothing from a service that does not offer previews. */
export async function previewIfOffered(
  client: GovernanceClient,
  subject: PreviewSubject,
): Promise<PreviewView | undefined> {
  try {
    return await previewProposal(client, subject);
  } catch (error) {
    if (isAppError(error) && error.category === "unimplemented") return undefined;
    throw error;
  }
}

/** Waits until the proposal is no longer open. */
export async function waitUntilResolved(
  client: GovernanceClient,
  proposalId: string,
  timeoutMs: number,
): Promise<ProposalView> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const proposal = await getProposalOrGone(client, proposalId);
    if (proposal.proposalState !== "Open") return proposal;
    if (Date.now() >= end) throw stillOpen(proposal);
    await sleep(POLL_MS);
  }
}

async function getProposalOrGone(
  client: GovernanceClient,
  proposalId: string,
): Promise<ProposalView> {
  try {
    return await getProposal(client, proposalId);
  } catch (error) {
    if (!isAppError(error, "PROPOSAL_NOT_FOUND")) throw error;
    throw cliErrors(
      "PROPOSAL_NOT_FOUND",
      "the proposal was closed and another one was closed after it",
      {
        details: { proposal_id: proposalId },
        hint: `See how it ended with \`ccfctl proposal show ${proposalId}\`.`,
        cause: error,
      },
    );
  }
}

function stillOpen(proposal: ProposalView): Error {
  return cliErrors(
    "WAIT_TIMED_OUT",
    `the proposal is still open with ${proposal.ballotCount} vote(s)`,
    {
      details: { proposal_id: proposal.proposalId },
      hint: "Members vote with `ccfctl proposal vote ID --yes`; give it longer with --wait-timeout.",
    },
  );
}

function viewRecorded(response: {
  proposal: governance.Proposal | undefined;
  transactionId: string;
}): RecordedProposal {
  const { proposal, transactionId } = response;
  return { proposal: viewProposal(proposal ?? missing("proposal")), transactionId };
}

/** A required message field that a service left out. */
export function missing(field: string): never {
  throw new TypeError(`the service answered without ${field}`);
}
