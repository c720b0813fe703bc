// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import type { GovernanceClient } from "../../connect/clients.js";
import { textArgument } from "../../flags/action-arguments.js";
import { identityFlags, serviceFlags } from "../../flags/common.js";
import { readInputText } from "../../input/read-input.js";
import { parseJsonText } from "../../json.js";
import {
  ballotText,
  findProposalId,
  getProposalBody,
  previewIfOffered,
  submitBallot,
} from "../../operations/governance/proposals.js";
import type { ProposeResult } from "../../propose-command.js";
import { renderBody, renderRecorded, renderVotePreview } from "../../render/proposal.js";
import { faint } from "../../render/text.js";
import { ServiceCommand } from "../../service-command.js";

export default class ProposalVote extends ServiceCommand {
  static override summary = "Vote on a proposal.";
  static override description =
    "Signs and sends a ballot: a small JavaScript module whose function `vote` says yes or no. --ballot takes one of your own, which may look at the proposal. A vote cannot be changed.";
  static override examples = [
    "<%= config.bin %> proposal vote e75a1c35 --yes",
    "<%= config.bin %> proposal vote e75a1c35 --no --as member2",
    "<%= config.bin %> proposal vote e75a1c35 --ballot ballot.js",
  ];
  static override flags = {
    ...serviceFlags,
    ...identityFlags,
    yes: Flags.boolean({ exactlyOne: ["yes", "no", "ballot"], description: "vote for it" }),
    no: Flags.boolean({ description: "vote against it" }),
    ballot: Flags.string({ helpValue: "FILE", description: "vote with this JavaScript module" }),
  };
  static override args = { proposal: textArgument("proposal id, or its first digits") };

  async run(): Promise<ProposeResult> {
    const { args, flags } = await this.parse(ProposalVote);
    const ballot =
      flags.ballot === undefined ? ballotText(flags.yes) : await readInputText(flags.ballot);
    const signer = await this.signer(flags);
    using client = await this.governance(flags);
    const proposalId = await findProposalId(client, args.proposal);
    if (!this.jsonEnabled()) await this.show(client, proposalId, signer.memberId);
    const { proposal, transactionId } = await submitBallot(client, signer, proposalId, ballot);
    this.log(renderRecorded(proposal, transactionId));
    return { ...proposal, transactionId };
  }

  /** What is voted on, and what one more yes of this member would do. */
  private async show(
    client: GovernanceClient,
    proposalId: string,
    memberId: string,
  ): Promise<void> {
    this.log(renderBody(parseJsonText(await getProposalBody(client, proposalId))));
    const preview = await previewIfOffered(client, { proposalId, memberId });
    if (preview !== undefined) this.log(faint(renderVotePreview(preview)));
  }
}
