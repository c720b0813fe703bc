// SPDX-License-Identifier: Apache-2.0
import { Args, Flags } from "@oclif/core";
import { cliErrors } from "../../errors.js";
import { validityArguments, validityFlags } from "../../flags/action-arguments.js";
import { proposeFlags } from "../../flags/propose.js";
import type { Json, JsonObject } from "../../json.js";
import { parseId } from "../../operations/governance/ids.js";
import { ProposingCommand, type ProposeResult } from "../../propose-command.js";

export default class NodeRenew extends ProposingCommand {
  static override summary = "Propose new certificates: of one node, of all, or of the service.";
  static override description =
    "Keys stay as they are. The nodes show the new certificates to new connections as soon as the proposal is accepted; open streams go on.";
  static override examples = [
    "<%= config.bin %> node renew e219febc122c6ab460d7b8b9ee24a257bd560922f39036aa45188f49d2fe3a58 --validity-days 90",
    "<%= config.bin %> node renew --all",
    "<%= config.bin %> node renew --service --validity-days 365",
  ];
  static override flags = {
    ...proposeFlags,
    ...validityFlags,
    all: Flags.boolean({ exclusive: ["service"], description: "of every trusted node" }),
    service: Flags.boolean({ description: "of the service itself" }),
  };
  static override args = {
    node: Args.string({ ignoreStdin: true, description: "node id, 64 hex digits" }),
  };

  async run(): Promise<ProposeResult | Json> {
    const { args, flags } = await this.parse(NodeRenew);
    const action = actionOf(args.node, flags);
    return this.propose(Buffer.from(JSON.stringify({ actions: [action] })), flags);
  }
}

function actionOf(
  node: string | undefined,
  flags: { all: boolean; service: boolean } & Parameters<typeof validityArguments>[0],
): { name: string; args: JsonObject } {
  const validity = validityArguments(flags);
  if (flags.all && node === undefined) {
    return { name: "set_all_nodes_certificate_validity", args: validity };
  }
  if (flags.service && node === undefined) {
    return { name: "set_service_certificate_validity", args: validity };
  }
  if (node !== undefined && !flags.all && !flags.service) {
    const args = { node_id: parseId(node, "node id"), ...validity };
    return { name: "set_node_certificate_validity", args };
  }
  throw cliErrors("INVALID_USAGE", "whose certificate is to be renewed is not clear", {
    hint: "Give one node id, or --all, or --service.",
  });
}
