// SPDX-License-Identifier: Apache-2.0
import { validityArguments, validityFlags } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_all_nodes_certificate_validity",
  summary: "Propose a new validity of every node's certificate.",
  examples: ["<%= config.bin %> propose certificates renew-all-nodes --validity-days 365"],
  flags: validityFlags,
  build: ({ flags }) => validityArguments(flags),
});
