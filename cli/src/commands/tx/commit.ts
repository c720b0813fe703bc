// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { ServiceCommand } from "../../service-command.js";

export default class TxCommit extends ServiceCommand {
  static override summary = "Show the last committed transaction.";
  static override examples = ["<%= config.bin %> tx commit"];
  static override flags = serviceFlags;

  async run(): Promise<{ transactionId: string }> {
    const { flags } = await this.parse(TxCommit);
    using client = await this.node(flags);
    const { transactionId } = await client.getCommit({ groupId: 0, viewHistory: false });
    this.log(transactionId);
    return { transactionId };
  }
}
