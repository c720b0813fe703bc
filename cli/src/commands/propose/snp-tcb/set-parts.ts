// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { hexArgument } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

const part = (name: string) =>
  Flags.integer({
    required: true,
    min: 0,
    max: 255,
    helpValue: "N",
    description: `version of the ${name}`,
  });

export default proposeCommand({
  action: "set_snp_minimum_tcb_version",
  summary: "Propose the least firmware version of a processor model, part by part.",
  description:
    "Proposes the deprecated action set_snp_minimum_tcb_version; prefer `ccfctl propose snp-tcb set`.",
  examples: [
    "<%= config.bin %> propose snp-tcb set-parts 00a00f11 --boot-loader 4 --tee 0 --snp 24 --microcode 219",
  ],
  flags: {
    "boot-loader": part("boot loader"),
    tee: part("TEE"),
    snp: part("SNP firmware"),
    microcode: part("microcode"),
  },
  args: { cpuid: hexArgument("cpuid", 8) },
  build: ({ args, flags }) => ({
    cpuid: args.cpuid,
    tcb_version: {
      boot_loader: flags["boot-loader"],
      tee: flags.tee,
      snp: flags.snp,
      microcode: flags.microcode,
    },
  }),
});
