// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { listRemovableNodes } from "../../operations/node/nodes.js";
import { renderNodes } from "../../render/node.js";
import { ServiceCommand } from "../../service-command.js";
import type { NodeView } from "../../views/node.js";

export default class NodeRemovable extends ServiceCommand {
  static override summary = "List the retired nodes that may be switched off and removed.";
  static override description =
    "A node is here when its retirement is complete: nothing counts on it any more. Stop its process, then remove its row with `ccfctl node delete`.";
  static override examples = ["<%= config.bin %> node removable"];
  static override flags = serviceFlags;

  async run(): Promise<{ nodes: NodeView[] }> {
    const { flags } = await this.parse(NodeRemovable);
    using client = await this.node(flags);
    const nodes = await listRemovableNodes(client);
    this.log(renderNodes(nodes));
    return { nodes };
  }
}
