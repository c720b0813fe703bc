// SPDX-License-Identifier: Apache-2.0
import { textArgument } from "../../flags/action-arguments.js";
import { serviceFlags } from "../../flags/common.js";
import { getNode } from "../../operations/node/nodes.js";
import { renderNode } from "../../render/node.js";
import { ServiceCommand } from "../../service-command.js";
import type { NodeView } from "../../views/node.js";

export default class NodeShow extends ServiceCommand {
  static override summary = "Show a node of the network.";
  static override examples = ["<%= config.bin %> node show e219febc"];
  static override flags = serviceFlags;
  static override args = { node: textArgument("node id, or its first digits") };

  async run(): Promise<NodeView> {
    const { args, flags } = await this.parse(NodeShow);
    using client = await this.node(flags);
    const node = await getNode(client, args.node);
    this.log(renderNode(node));
    return node;
  }
}
