// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { ServiceCommand } from "../../service-command.js";

export default class ServiceConstitution extends ServiceCommand {
  static override summary = "Print the constitution in force.";
  static override examples = ["<%= config.bin %> service constitution > constitution.js"];
  static override flags = serviceFlags;

  async run(): Promise<{ constitution: string }> {
    const { flags } = await this.parse(ServiceConstitution);
    using client = await this.governance(flags);
    const { constitution } = await client.getConstitution({});
    this.log(constitution.trimEnd());
    return { constitution };
  }
}
