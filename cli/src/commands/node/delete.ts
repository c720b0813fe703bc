// SPDX-License-Identifier: Apache-2.0
import { idArgument } from "../../flags/action-arguments.js";
import { identityFlags, serviceFlags } from "../../flags/common.js";
import { ServiceCommand } from "../../service-command.js";

export default class NodeDelete extends ServiceCommand {
  static override summary = "Remove the row of a node whose retirement is complete.";
  static override description =
    "Answered by the primary, to an active member or to who has the key of a trusted node (--key node_privk.pem --cert nodecert.pem). `ccfctl node removable` shows which nodes it may be.";
  static override examples = [
    "<%= config.bin %> node delete e219febc122c6ab460d7b8b9ee24a257bd560922f39036aa45188f49d2fe3a58 --as member0",
  ];
  static override flags = { ...serviceFlags, ...identityFlags };
  static override args = { node: idArgument("node id") };

  async run(): Promise<{ nodeId: string; transactionId: string }> {
    const { args, flags } = await this.parse(NodeDelete);
    using client = await this.nodeAs(flags);
    const { transactionId } = await client.deleteNode({ nodeId: args.node });
    this.log(transactionId);
    return { nodeId: args.node, transactionId };
  }
}
