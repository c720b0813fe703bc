// SPDX-License-Identifier: Apache-2.0
import { Args } from "@oclif/core";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_recovery_threshold",
  summary: "Propose how many members a recovery needs.",
  description:
    "Proposes the action set_recovery_threshold. New recovery shares are issued with it.",
  examples: ["<%= config.bin %> propose recovery-threshold set 2"],
  args: {
    threshold: Args.integer({
      required: true,
      ignoreStdin: true,
      min: 1,
      max: 254,
      description: "number of shares, 1 to 254",
    }),
  },
  build: ({ args }) => ({ recovery_threshold: args.threshold }),
});
