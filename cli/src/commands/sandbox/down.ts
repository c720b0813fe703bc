// SPDX-License-Identifier: Apache-2.0
import { BaseCommand } from "../../base-command.js";
import { sandboxDirectoryFlag } from "../../flags/sandbox.js";
import { sandboxDown, type SandboxDownResult } from "../../operations/sandbox/down.js";

export default class SandboxDown extends BaseCommand {
  static override summary = "Stop the local consortium; its data stays.";
  static override examples = ["<%= config.bin %> sandbox down"];
  static override flags = sandboxDirectoryFlag;

  async run(): Promise<SandboxDownResult> {
    const { flags } = await this.parse(SandboxDown);
    const result = await sandboxDown(flags.dir);
    this.log(
      result.stopped.length === 0 ? "nothing was running" : `stopped ${result.stopped.join(", ")}`,
    );
    return result;
  }
}
