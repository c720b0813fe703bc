// SPDX-License-Identifier: Apache-2.0
import { integerArgument } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_recovery_threshold",
  summary: "Propose how many members a recovery needs.",
  description:
    "Proposes the action set_recovery_threshold. New recovery shares are issued with it.",
  examples: ["<%= config.bin %> propose recovery-threshold set 2"],
  args: { threshold: integerArgument("number of shares", { min: 1, max: 254 }) },
  build: ({ args }) => ({ recovery_threshold: args.threshold }),
});
