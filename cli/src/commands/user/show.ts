// SPDX-License-Identifier: Apache-2.0
import { textArgument } from "../../flags/action-arguments.js";
import { serviceFlags } from "../../flags/common.js";
import { getUser } from "../../operations/governance/members.js";
import { renderUser } from "../../render/participants.js";
import { ServiceCommand } from "../../service-command.js";
import type { UserView } from "../../views/governance.js";

export default class UserShow extends ServiceCommand {
  static override summary = "Show a user.";
  static override examples = ["<%= config.bin %> user show 2cf067ac"];
  static override flags = serviceFlags;
  static override args = { user: textArgument("user id, or its first digits") };

  async run(): Promise<UserView> {
    const { args, flags } = await this.parse(UserShow);
    using client = await this.governance(flags);
    const user = await getUser(client, args.user);
    this.log(renderUser(user));
    return user;
  }
}
