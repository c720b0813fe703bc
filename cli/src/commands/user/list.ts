// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { listUsers } from "../../operations/governance/members.js";
import { renderUsers } from "../../render/participants.js";
import { ServiceCommand } from "../../service-command.js";
import type { UserView } from "../../views/governance.js";

export default class UserList extends ServiceCommand {
  static override summary = "List the users of the service.";
  static override examples = ["<%= config.bin %> user list"];
  static override flags = serviceFlags;

  async run(): Promise<{ users: UserView[] }> {
    const { flags } = await this.parse(UserList);
    using client = await this.governance(flags);
    const users = await listUsers(client);
    this.log(renderUsers(users));
    return { users };
  }
}
