// SPDX-License-Identifier: Apache-2.0
import { type Command, Flags } from "@oclif/core";
import { BaseCommand } from "./base-command.js";
import { cliErrors } from "./errors.js";
import { readInput } from "./input/read-input.js";
import { runServiceProcess, type ServiceProgram } from "./operations/node/service-process.js";

/** Makes the command that runs one kind of service in the foreground. */
export function startCommand(
  program: ServiceProgram,
  summary: string,
  /** Another name than `start`, for configurations whose command has this type. */
  only?: { readonly name: string; readonly type: string },
): Command.Class {
  class Start extends BaseCommand {
    static override summary = summary;
    static override description =
      "Runs in the foreground until it is told to stop (Ctrl-C, SIGTERM). The configuration is TOML or JSON; file names in it are relative to it.";
    static override examples = [
      `<%= config.bin %> ${program} ${only?.name ?? "start"} --config ${program}.toml`,
    ];
    static override flags = {
      config: Flags.string({
        char: "c",
        required: true,
        helpValue: "FILE",
        description: "configuration of the process",
      }),
      check: Flags.boolean({ description: "only report what is wrong with the configuration" }),
    };

    async run(): Promise<{ exitCode: number }> {
      const { flags } = await this.parse(Start);
      const content = await readInput(flags.config);
      if (only !== undefined) requireType(only.type, content.toString("utf8"), flags.config);
      const args = ["--config", flags.config, ...(flags.check ? ["--check"] : [])];
      const exitCode = await runServiceProcess(program, args);
      if (exitCode === 0) return { exitCode };
      throw cliErrors("PROCESS_FAILED", `the ${program} service ended with exit code ${exitCode}`, {
        details: { exit_code: String(exitCode) },
        hint: "Its last lines of log say why.",
      });
    }
  }
  return Start as unknown as Command.Class;
}

/** The node itself reads the configuration strictly; this only keeps a mistake from making a service. */
function requireType(type: string, content: string, file: string): void {
  if (new RegExp(`\\btype["']?\\s*[:=]\\s*["']${type}["']`).test(content)) return;
  throw cliErrors("INVALID_INPUT", `the command in ${file} is not of type "${type}"`, {
    hint: `Write command.type = "${type}" in it, or use \`ccfctl node start\`.`,
  });
}
