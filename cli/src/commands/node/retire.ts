// SPDX-License-Identifier: Apache-2.0
import { idArgument } from "../../flags/action-arguments.js";
import { proposeCommand } from "../../propose-command.js";

export default proposeCommand({
  action: "remove_node",
  summary: "Propose to retire a node, or to refuse a pending one.",
  description:
    "Proposes the action remove_node. Once it is accepted the node serves no more; when `ccfctl node removable` shows it, its process may be switched off and its row removed with `ccfctl node delete`.",
  examples: [
    "<%= config.bin %> node retire e219febc122c6ab460d7b8b9ee24a257bd560922f39036aa45188f49d2fe3a58",
  ],
  args: { node: idArgument("node id") },
  build: ({ args }) => ({ node_id: args.node }),
});
