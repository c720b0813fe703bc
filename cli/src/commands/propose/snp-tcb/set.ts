// SPDX-License-Identifier: Apache-2.0
import { hexArgument, hexFlag } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_snp_minimum_tcb_version_hex",
  summary: "Propose the least firmware version of a processor model.",
  examples: ["<%= config.bin %> propose snp-tcb set 00a00f11 --version d315000000000004"],
  flags: {
    version: hexFlag(16)({
      required: true,
      helpValue: "HEX",
      description: "TCB version, 16 hex digits",
    }),
  },
  args: { cpuid: hexArgument("cpuid", 8) },
  build: ({ args, flags }) => ({ cpuid: args.cpuid, tcb_version: flags.version }),
});
