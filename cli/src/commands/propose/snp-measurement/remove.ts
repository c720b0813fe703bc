// SPDX-License-Identifier: Apache-2.0
import { textArgument } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "remove_snp_measurement",
  summary: "Propose that a code measurement no longer lets SEV-SNP nodes join.",
  examples: [
    "<%= config.bin %> propose snp-measurement remove 5feee30d6d7e1a29f403d70a4198237ddfb13051a2d6976439487c609388ed7f98189887920ab2fa0096903a0c23fca1",
  ],
  args: { measurement: textArgument("measurement, hex") },
  build: ({ args }) => ({ measurement: args.measurement }),
});
