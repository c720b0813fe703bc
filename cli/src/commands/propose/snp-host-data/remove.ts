// SPDX-License-Identifier: Apache-2.0
import { idArgument } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "remove_snp_host_data",
  summary: "Propose that host data no longer lets SEV-SNP nodes join.",
  examples: [
    "<%= config.bin %> propose snp-host-data remove 4f4448c67f3c8dfc8de8a5e37125d807dadcc41f06cf23f615dbd52eec777d10",
  ],
  args: { "host-data": idArgument("host data") },
  build: ({ args }) => ({ host_data: args["host-data"] }),
});
