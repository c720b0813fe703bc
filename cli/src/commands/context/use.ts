// SPDX-License-Identifier: Apache-2.0
import { BaseCommand } from "../../base-command.js";
import { selectContext } from "../../context/index.js";
import { textArgument } from "../../flags/action-arguments.js";

export default class ContextUse extends BaseCommand {
  static override summary = "Choose the connection that is used when none is named.";
  static override examples = ["<%= config.bin %> context use production"];
  static override args = { name: textArgument("name of the context") };

  async run(): Promise<{ name: string; file: string }> {
    const { args } = await this.parse(ContextUse);
    const { file } = await selectContext(args.name, this.contextPlaces());
    this.log(`now using ${args.name} (written to ${file})`);
    return { name: args.name, file };
  }
}
