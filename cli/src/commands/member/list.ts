// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { listMembers } from "../../operations/governance/members.js";
import { renderMembers } from "../../render/participants.js";
import { ServiceCommand } from "../../service-command.js";
import type { MemberView } from "../../views/governance.js";

export default class MemberList extends ServiceCommand {
  static override summary = "List the members of the consortium.";
  static override examples = ["<%= config.bin %> member list"];
  static override flags = serviceFlags;

  async run(): Promise<{ members: MemberView[] }> {
    const { flags } = await this.parse(MemberList);
    using client = await this.governance(flags);
    const members = await listMembers(client);
    this.log(renderMembers(members));
    return { members };
  }
}
