// SPDX-License-Identifier: Apache-2.0
import { textArgument } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "add_snp_measurement",
  summary: "Propose a code measurement with which SEV-SNP nodes may join.",
  examples: [
    "<%= config.bin %> propose snp-measurement add 5feee30d6d7e1a29f403d70a4198237ddfb13051a2d6976439487c609388ed7f98189887920ab2fa0096903a0c23fca1",
  ],
  args: { measurement: textArgument("measurement, hex") },
  build: ({ args }) => ({ measurement: args.measurement }),
});
