// SPDX-License-Identifier: Apache-2.0
import { BaseCommand } from "../../base-command.js";
import { sandboxDirectoryFlag } from "../../flags/sandbox.js";
import { sandboxStatus, type SandboxStatusResult } from "../../operations/sandbox/status.js";
import { renderTable } from "../../render/table.js";
import { statusWord } from "../../render/text.js";

export default class SandboxStatus extends BaseCommand {
  static override summary = "Show which processes of the local consortium run.";
  static override examples = ["<%= config.bin %> sandbox status"];
  static override flags = sandboxDirectoryFlag;

  async run(): Promise<SandboxStatusResult> {
    const { flags } = await this.parse(SandboxStatus);
    const result = await sandboxStatus(flags.dir);
    const rows = result.processes.map(({ name, pid, address, serving, log }) => [
      name,
      statusWord(serving ? "serving" : pid === null ? "stopped" : "not serving"),
      pid === null ? "" : String(pid),
      address,
      log,
    ]);
    this.log(renderTable(["PROCESS", "STATUS", "PID", "ADDRESS", "LOG"], rows, ""));
    return result;
  }
}
