// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import type { GovernanceClient } from "../../connect/clients.js";
import { serviceFlags } from "../../flags/common.js";
import { listHistory, listOpen } from "../../operations/governance/history.js";
import { listProposals } from "../../operations/governance/proposals.js";
import { renderHistory, renderOpen } from "../../render/history.js";
import { renderProposals } from "../../render/proposal.js";
import { ServiceCommand } from "../../service-command.js";
import type { ProposalView } from "../../views/governance.js";
import type { OpenProposalView, RecordedProposalView } from "../../views/history.js";

type Listed = ProposalView | OpenProposalView | RecordedProposalView;

export default class ProposalList extends ServiceCommand {
  static override summary = "List the open proposals, and the one closed last.";
  static override description =
    "The tables of the service hold no more than these. With --all every proposal that the ledger records is listed, the newest first: nothing that was proposed is ever lost.";
  static override examples = [
    "<%= config.bin %> proposal list",
    "<%= config.bin %> proposal list --open",
    "<%= config.bin %> proposal list --all",
  ];
  static override flags = {
    ...serviceFlags,
    all: Flags.boolean({ description: "every proposal that the ledger records" }),
    open: Flags.boolean({
      exclusive: ["all"],
      description: "only the open ones, with how many members have not voted",
    }),
  };

  async run(): Promise<{ proposals: Listed[] }> {
    const { flags } = await this.parse(ProposalList);
    using client = await this.governance(flags);
    const { proposals, text } = await list(client, flags);
    this.log(text);
    return { proposals };
  }
}

async function list(
  client: GovernanceClient,
  { all, open }: { all: boolean; open: boolean },
): Promise<{ proposals: Listed[]; text: string }> {
  if (all) {
    const proposals = await listHistory(client);
    return { proposals, text: renderHistory(proposals) };
  }
  if (open) {
    const proposals = await listOpen(client);
    return { proposals, text: renderOpen(proposals) };
  }
  const proposals = await listProposals(client);
  return { proposals, text: renderProposals(proposals) };
}
