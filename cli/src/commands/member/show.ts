// SPDX-License-Identifier: Apache-2.0
import { textArgument } from "../../flags/action-arguments.js";
import { serviceFlags } from "../../flags/common.js";
import { getMember } from "../../operations/governance/members.js";
import { renderMember } from "../../render/participants.js";
import { ServiceCommand } from "../../service-command.js";
import type { MemberView } from "../../views/governance.js";

export default class MemberShow extends ServiceCommand {
  static override summary = "Show a member.";
  static override examples = ["<%= config.bin %> member show d1698256"];
  static override flags = serviceFlags;
  static override args = { member: textArgument("member id, or its first digits") };

  async run(): Promise<MemberView> {
    const { args, flags } = await this.parse(MemberShow);
    using client = await this.governance(flags);
    const member = await getMember(client, args.member);
    this.log(renderMember(member));
    return member;
  }
}
