// SPDX-License-Identifier: Apache-2.0
import { cliErrors } from "../../../errors.js";
import { dataFlags, idArgument, readData } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_node_data",
  summary: "Propose new data of a node.",
  examples: [
    '<%= config.bin %> propose node set-data e219febc122c6ab460d7b8b9ee24a257bd560922f39036aa45188f49d2fe3a58 --data \'{"site": "north"}\'',
  ],
  flags: dataFlags,
  args: { node: idArgument("node id") },
  async build({ args, flags }) {
    const data = await readData(flags);
    if (data === undefined) throw cliErrors("INVALID_INPUT", "no data: give --data or --data-file");
    return { node_id: args.node, node_data: data };
  },
});
