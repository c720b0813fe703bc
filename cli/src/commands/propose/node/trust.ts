// SPDX-License-Identifier: Apache-2.0
import { idArgument, validityArguments, validityFlags } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "transition_node_to_trusted",
  summary: "Propose to trust a pending node.",
  description:
    "Proposes the action transition_node_to_trusted: the node becomes part of the network, and its certificate is endorsed for the given time. Look at its evidence first (`ccfctl node show`).",
  examples: [
    "<%= config.bin %> propose node trust e219febc122c6ab460d7b8b9ee24a257bd560922f39036aa45188f49d2fe3a58",
  ],
  flags: validityFlags,
  args: { node: idArgument("node id") },
  build: ({ args, flags }) => ({ node_id: args.node, ...validityArguments(flags) }),
});
