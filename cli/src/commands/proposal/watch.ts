// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { parseDurationMs, serviceFlags } from "../../flags/common.js";
import { watchProposals } from "../../operations/governance/history.js";
import { renderChange } from "../../render/history.js";
import { ServiceCommand } from "../../service-command.js";

const parseDuration = (text: string): Promise<number> => Promise.resolve(parseDurationMs(text));

export default class ProposalWatch extends ServiceCommand {
  /** There is no result but what happens: --json prints one object a line instead. */
  static override enableJsonFlag = false;
  static override summary = "Watch proposals being made, voted on and closed.";
  static override description =
    "Prints a line for each proposal that changes, with the transaction that changed it, until Ctrl-C.";
  static override examples = [
    "<%= config.bin %> proposal watch",
    "<%= config.bin %> proposal watch --json | jq .proposalState",
  ];
  static override flags = {
    ...serviceFlags,
    json: Flags.boolean({ description: "print one JSON object a line" }),
    interval: Flags.custom<number>({ parse: parseDuration })({
      helpValue: "TIME",
      default: 1_000,
      defaultHelp: () => Promise.resolve("1s"),
      description: "how often to ask",
    }),
    for: Flags.custom<number>({ parse: parseDuration })({
      helpValue: "TIME",
      description: "stop after this time",
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ProposalWatch);
    using client = await this.governance(flags);
    const stopped = new AbortController();
    const stop = (): void => stopped.abort();
    process.once("SIGINT", stop);
    const timer = flags.for === undefined ? undefined : setTimeout(stop, flags.for);
    try {
      await watchProposals(client, {
        signal: stopped.signal,
        intervalMs: flags.interval,
        onChange: (proposal) =>
          this.log(flags.json ? JSON.stringify(proposal) : renderChange(proposal)),
      });
    } finally {
      clearTimeout(timer);
      process.off("SIGINT", stop);
    }
  }
}
