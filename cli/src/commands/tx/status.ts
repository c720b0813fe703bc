// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { transactionArgument } from "../../flags/transaction.js";
import { serviceFlags, waitTimeoutFlag } from "../../flags/common.js";
import {
  getTransactionStatus,
  type TransactionStatusResult,
  waitUntilCommitted,
} from "../../operations/transactions.js";
import { statusWord } from "../../render/text.js";
import { ServiceCommand } from "../../service-command.js";

export default class TxStatus extends ServiceCommand {
  static override summary = "Ask what became of a transaction.";
  static override description =
    "Answers Unknown, Pending, Committed or Invalid. With --wait it returns when the transaction is committed, and fails when it never can be.";
  static override examples = [
    "<%= config.bin %> tx status 2.17",
    "<%= config.bin %> tx status 2.17 --wait",
  ];
  static override flags = {
    ...serviceFlags,
    wait: Flags.boolean({ description: "wait until it is committed" }),
    "wait-timeout": waitTimeoutFlag(),
  };
  static override args = { transaction: transactionArgument() };

  async run(): Promise<TransactionStatusResult> {
    const { args, flags } = await this.parse(TxStatus);
    using client = await this.node(flags);
    const result = flags.wait
      ? await waitUntilCommitted(client, args.transaction, flags["wait-timeout"])
      : await getTransactionStatus(client, args.transaction);
    this.log(`${result.transactionId}  ${statusWord(result.status)}`);
    return result;
  }
}
