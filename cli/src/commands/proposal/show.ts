// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { textArgument } from "../../flags/action-arguments.js";
import { serviceFlags } from "../../flags/common.js";
import { type Json, parseJsonText } from "../../json.js";
import {
  findProposalId,
  getBallot,
  getProposal,
  getProposalBody,
} from "../../operations/governance/proposals.js";
import { renderBody, renderProposal } from "../../render/proposal.js";
import { ServiceCommand } from "../../service-command.js";
import type { ProposalView } from "../../views/governance.js";

type ProposalDetails = ProposalView & { body: Json; ballots?: Record<string, string> };

export default class ProposalShow extends ServiceCommand {
  static override summary = "Show a proposal: its actions, its votes, its end.";
  static override examples = [
    "<%= config.bin %> proposal show e75a1c35",
    "<%= config.bin %> proposal show e75a1c35 --ballots",
  ];
  static override flags = {
    ...serviceFlags,
    ballots: Flags.boolean({ description: "also show the text of each ballot" }),
  };
  static override args = { proposal: textArgument("proposal id, or its first digits") };

  async run(): Promise<ProposalDetails> {
    const { args, flags } = await this.parse(ProposalShow);
    using client = await this.governance(flags);
    const proposalId = await findProposalId(client, args.proposal);
    const [proposal, text] = await Promise.all([
      getProposal(client, proposalId),
      getProposalBody(client, proposalId),
    ]);
    const body = parseJsonText(text);
    this.log(`${renderProposal(proposal)}\n\n${renderBody(body)}`);
    if (!flags.ballots) return { ...proposal, body };
    const ballots: Record<string, string> = {};
    for (const memberId of proposal.ballotSubmitters) {
      const ballot = await getBallot(client, proposalId, memberId);
      ballots[memberId] = ballot;
      this.log(`\nballot of ${memberId}\n${ballot}`);
    }
    return { ...proposal, body, ballots };
  }
}
