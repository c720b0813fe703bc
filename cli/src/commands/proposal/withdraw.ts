// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { confirm } from "../../confirm.js";
import { textArgument } from "../../flags/action-arguments.js";
import { identityFlags, serviceFlags } from "../../flags/common.js";
import { findProposalId, withdrawProposal } from "../../operations/governance/proposals.js";
import type { ProposeResult } from "../../propose-command.js";
import { renderRecorded } from "../../render/proposal.js";
import { ServiceCommand } from "../../service-command.js";

export default class ProposalWithdraw extends ServiceCommand {
  static override summary = "Withdraw a proposal of your own.";
  static override examples = ["<%= config.bin %> proposal withdraw e75a1c35"];
  static override flags = {
    ...serviceFlags,
    ...identityFlags,
    yes: Flags.boolean({ char: "y", description: "do not ask before signing" }),
  };
  static override args = { proposal: textArgument("proposal id, or its first digits") };

  async run(): Promise<ProposeResult> {
    const { args, flags } = await this.parse(ProposalWithdraw);
    const signer = await this.signer(flags);
    using client = await this.governance(flags);
    const proposalId = await findProposalId(client, args.proposal);
    await confirm(`Withdraw proposal ${proposalId}?`, { yes: flags.yes });
    const { proposal, transactionId } = await withdrawProposal(client, signer, proposalId);
    this.log(renderRecorded(proposal, transactionId));
    return { ...proposal, transactionId };
  }
}
