// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { listProposals } from "../../operations/governance/proposals.js";
import { renderProposals } from "../../render/proposal.js";
import { ServiceCommand } from "../../service-command.js";
import type { ProposalView } from "../../views/governance.js";

export default class ProposalList extends ServiceCommand {
  static override summary = "List the open proposals, and the one closed last.";
  static override examples = ["<%= config.bin %> proposal list"];
  static override flags = serviceFlags;

  async run(): Promise<{ proposals: ProposalView[] }> {
    const { flags } = await this.parse(ProposalList);
    using client = await this.governance(flags);
    const proposals = await listProposals(client);
    this.log(renderProposals(proposals));
    return { proposals };
  }
}
