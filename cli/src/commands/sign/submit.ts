// SPDX-License-Identifier: Apache-2.0
import { Args } from "@oclif/core";
import { serviceFlags } from "../../flags/common.js";
import { readInput } from "../../input/read-input.js";
import type { Json } from "../../json.js";
import {
  messageTypeOf,
  submitToGovernance,
  submitToRecovery,
} from "../../operations/signing/submit.js";
import { ServiceCommand } from "../../service-command.js";

export default class SignSubmit extends ServiceCommand {
  static override summary = "Send a signed governance request.";
  static override description =
    "Takes a COSE_Sign1 message as `ccfctl sign finish` or CCF's own ccf_cose_sign1 makes it, and sends it to where its message type belongs.";
  static override examples = ["<%= config.bin %> sign submit request.cose"];
  static override flags = serviceFlags;
  static override args = {
    file: Args.string({
      required: true,
      ignoreStdin: true,
      description: "signed request, or - for standard input",
    }),
  };

  async run(): Promise<Json> {
    const { args, flags } = await this.parse(SignSubmit);
    const message = await readInput(args.file);
    const type = messageTypeOf(message);
    let result: Json;
    if (type === "recovery_share") {
      using client = await this.recovery(flags);
      result = await submitToRecovery(client, message);
    } else {
      using client = await this.governance(flags);
      result = await submitToGovernance(client, type, message);
    }
    this.log(JSON.stringify(result, undefined, 2));
    return result;
  }
}
