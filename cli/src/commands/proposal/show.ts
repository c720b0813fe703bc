// SPDX-License-Identifier: Apache-2.0
import { isAppError } from "@consortium/kit/errors";
import { Flags } from "@oclif/core";
import type { GovernanceClient } from "../../connect/clients.js";
import { textArgument } from "../../flags/action-arguments.js";
import { serviceFlags } from "../../flags/common.js";
import {
  findRecordedId,
  getPresent,
  getRecord,
  type ProposalRecordView,
} from "../../operations/governance/history.js";
import { renderBallots, renderPlaces, renderRequests } from "../../render/history.js";
import { renderBody, renderProposal } from "../../render/proposal.js";
import { ServiceCommand } from "../../service-command.js";

/** From a node that keeps no history, only what the tables hold. */
type ShownProposal = ProposalRecordView | Awaited<ReturnType<typeof getPresent>>;

export default class ProposalShow extends ServiceCommand {
  static override summary = "Show a proposal: its actions, its votes, its end.";
  static override description =
    "Also one that was closed long ago: it is looked up on the ledger. --json has all of it, with the texts of the ballots and the requests; with --requests also the signed messages themselves.";
  static override examples = [
    "<%= config.bin %> proposal show e75a1c35",
    "<%= config.bin %> proposal show e75a1c35 --ballots --requests",
  ];
  static override flags = {
    ...serviceFlags,
    ballots: Flags.boolean({ description: "also show the text of each ballot" }),
    requests: Flags.boolean({ description: "also list the signed requests" }),
  };
  static override args = { proposal: textArgument("proposal id, or its first digits") };

  async run(): Promise<ShownProposal> {
    const { args, flags } = await this.parse(ProposalShow);
    using client = await this.governance(flags);
    const proposalId = await findRecordedId(client, args.proposal);
    const shown = await read(client, proposalId, flags.requests);
    this.log(renderProposal(shown));
    if ("requests" in shown) this.log(renderPlaces(shown));
    this.log(`\n${renderBody(shown.body)}`);
    if (flags.ballots) this.log(`\n${renderBallots(shown.ballots, shown)}`);
    if (flags.requests && "requests" in shown) this.log(`\n${renderRequests(shown.requests)}`);
    return shown;
  }
}

async function read(
  client: GovernanceClient,
  proposalId: string,
  withEnvelopes: boolean,
): Promise<ShownProposal> {
  try {
    return await getRecord(client, proposalId, { withEnvelopes });
  } catch (error) {
    if (!isAppError(error) || error.category !== "unimplemented") throw error;
    return getPresent(client, proposalId);
  }
}
