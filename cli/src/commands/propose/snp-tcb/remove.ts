// SPDX-License-Identifier: Apache-2.0
import { hexArgument } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "remove_snp_minimum_tcb_version",
  summary: "Propose to remove the least firmware version of a processor model.",
  examples: ["<%= config.bin %> propose snp-tcb remove 00a00f11"],
  args: { cpuid: hexArgument("cpuid", 8) },
  build: ({ args }) => ({ cpuid: args.cpuid }),
});
