// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { constitutionDigest } from "../../operations/constitution/read-constitution.js";
import { ServiceCommand } from "../../service-command.js";

export default class ConstitutionShow extends ServiceCommand {
  static override summary = "Print the constitution in force.";
  static override examples = ["<%= config.bin %> constitution show > constitution.js"];
  static override flags = serviceFlags;

  async run(): Promise<{ constitution: string; sha256: string }> {
    const { flags } = await this.parse(ConstitutionShow);
    using client = await this.governance(flags);
    const { constitution } = await client.getConstitution({});
    this.log(constitution.trimEnd());
    return { constitution, sha256: constitutionDigest(constitution) };
  }
}
