// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { renderNodeState } from "../../render/node.js";
import { ServiceCommand } from "../../service-command.js";
import { type NodeStateView, viewNodeState } from "../../views/node.js";

export default class NodeState extends ServiceCommand {
  static override summary = "Show the start-up state of one node.";
  static override description =
    "Works from the first second of a node's life: before the service has endorsed it, give its own self-signed certificate with --cacert. Every process answers it, also a governance or recovery node.";
  static override examples = [
    "<%= config.bin %> node state",
    "<%= config.bin %> node state --address 127.0.0.1:8000 --cacert nodecert.pem",
  ];
  static override flags = serviceFlags;

  async run(): Promise<NodeStateView> {
    const { flags } = await this.parse(NodeState);
    using client = await this.node(flags);
    const state = viewNodeState(await client.getState({}));
    this.log(renderNodeState(state));
    return state;
  }
}
