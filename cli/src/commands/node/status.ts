// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { getNodeStatus, type NodeStatusResult } from "../../operations/node/nodes.js";
import { renderNodeStatus } from "../../render/node.js";
import { ServiceCommand } from "../../service-command.js";

export default class NodeStatus extends ServiceCommand {
  static override summary = "Show one node's state, version, view of the service and consensus.";
  static override examples = ["<%= config.bin %> node status"];
  static override flags = serviceFlags;

  async run(): Promise<NodeStatusResult> {
    const { flags } = await this.parse(NodeStatus);
    using client = await this.node(flags);
    const status = await getNodeStatus(client);
    this.log(renderNodeStatus(status));
    return status;
  }
}
