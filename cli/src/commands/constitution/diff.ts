// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { constitutionFilesArgument } from "../../flags/constitution.js";
import { type DiffHunk, diffLines } from "../../operations/constitution/diff-lines.js";
import { readConstitution } from "../../operations/constitution/read-constitution.js";
import { renderDiff } from "../../render/constitution.js";
import { ServiceCommand } from "../../service-command.js";

export default class ConstitutionDiff extends ServiceCommand {
  static override summary = "Compare the constitution in force with another one.";
  static override description =
    "Shows what would be removed (-) and added (+) if the files became the constitution. They are joined in the order given, each followed by a newline, as the node does at its start.";
  static override examples = ["<%= config.bin %> constitution diff constitution.js"];
  static override flags = serviceFlags;
  static override args = { files: constitutionFilesArgument };

  async run(): Promise<{ same: boolean; hunks: DiffHunk[] }> {
    const { args, flags } = await this.parse(ConstitutionDiff);
    const text = await readConstitution(args.files);
    using client = await this.governance(flags);
    const { constitution } = await client.getConstitution({});
    const hunks = diffLines(constitution, text);
    this.log(hunks.length === 0 ? "The constitution in force is the same." : renderDiff(hunks));
    return { same: constitution === text, hunks };
  }
}
