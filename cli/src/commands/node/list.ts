// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { listNodes } from "../../operations/node/nodes.js";
import { renderNodes } from "../../render/node.js";
import { ServiceCommand } from "../../service-command.js";
import type { NodeView } from "../../views/node.js";

export default class NodeList extends ServiceCommand {
  static override summary = "List the nodes of the network.";
  static override examples = ["<%= config.bin %> node list"];
  static override flags = serviceFlags;

  async run(): Promise<{ nodes: NodeView[] }> {
    const { flags } = await this.parse(NodeList);
    using client = await this.node(flags);
    const nodes = await listNodes(client);
    this.log(renderNodes(nodes));
    return { nodes };
  }
}
