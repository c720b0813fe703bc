// SPDX-License-Identifier: Apache-2.0
import { idArgument, validityArguments, validityFlags } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_node_certificate_validity",
  summary: "Propose a new validity of one node's certificate.",
  examples: [
    "<%= config.bin %> propose certificates renew-node e219febc122c6ab460d7b8b9ee24a257bd560922f39036aa45188f49d2fe3a58 --validity-days 90",
  ],
  flags: validityFlags,
  args: { node: idArgument("node id") },
  build: ({ args, flags }) => ({ node_id: args.node, ...validityArguments(flags) }),
});
