// SPDX-License-Identifier: Apache-2.0
import { identityFlags, serviceFlags } from "../flags/common.js";
import { type AckResult, acknowledge } from "../operations/governance/members.js";
import { renderFields } from "../render/table.js";
import { ServiceCommand } from "../service-command.js";

export default class Ack extends ServiceCommand {
  static override summary = "Become an active member: acknowledge the state of the service.";
  static override description =
    "Asks the service for the digest of its present state, and signs that this member has seen it. A member that has not done so may not propose nor vote.";
  static override examples = [
    "<%= config.bin %> ack --as member1",
    "<%= config.bin %> ack --key member1_privk.pem --cert member1_cert.pem",
  ];
  static override flags = { ...serviceFlags, ...identityFlags };

  async run(): Promise<AckResult> {
    const { flags } = await this.parse(Ack);
    const signer = await this.signer(flags);
    using client = await this.governance(flags);
    const result = await acknowledge(client, signer);
    this.log(
      renderFields([
        ["member", result.memberId],
        ["state digest", result.stateDigest],
        ["transaction", result.transactionId],
      ]),
    );
    return result;
  }
}
