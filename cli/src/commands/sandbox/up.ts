// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { sandboxDirectoryFlag } from "../../flags/sandbox.js";
import { printingReporter, silentReporter } from "../../operations/sandbox/reporter.js";
import { type SandboxResult, sandboxUp } from "../../operations/sandbox/up.js";
import { renderSandboxUp } from "../../render/sandbox.js";

export default class SandboxUp extends BaseCommand {
  static override summary = "Bring up a complete consortium on this machine.";
  static override description =
    "Starts an embedded PostgreSQL, a ledger node, a governance node and a recovery node, and takes three members and a user through the real steps, printing each with the command that does it: from generating keys to a verified receipt. Everything goes on in the background until `ccfctl sandbox down`. Run again, it continues the same consortium.";
  static override examples = [
    "<%= config.bin %> sandbox up",
    "<%= config.bin %> sandbox up --fresh",
  ];
  static override flags = {
    ...sandboxDirectoryFlag,
    constitution: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: "FILE",
      description: "constitution of a new consortium, in order if several [default: our own]",
    }),
    fresh: Flags.boolean({
      description: "throw away the consortium that is there, and begin anew",
    }),
  };

  async run(): Promise<SandboxResult> {
    const { flags } = await this.parse(SandboxUp);
    const report = this.jsonEnabled()
      ? silentReporter()
      : printingReporter((line) => this.log(line));
    const result = await sandboxUp(
      { directory: flags.dir, fresh: flags.fresh, constitution: flags.constitution },
      report,
    );
    this.log(renderSandboxUp(result));
    return result;
  }
}
