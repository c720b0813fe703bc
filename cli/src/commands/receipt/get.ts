// SPDX-License-Identifier: Apache-2.0
import { writeFile } from "node:fs/promises";
import { Flags } from "@oclif/core";
import { cliErrors } from "../../errors.js";
import { serviceFlags, waitTimeoutFlag } from "../../flags/common.js";
import { transactionArgument } from "../../flags/transaction.js";
import { getReceipt, type ReceiptResult } from "../../operations/receipts.js";
import { waitUntilCommitted } from "../../operations/transactions.js";
import { ServiceCommand } from "../../service-command.js";

export default class ReceiptGet extends ServiceCommand {
  static override summary = "Get the proof that a transaction is on the ledger.";
  static override description =
    "Prints CCF's JSON receipt, or writes it to a file; --cose takes the COSE receipt, which the service's own key has signed.";
  static override examples = [
    "<%= config.bin %> receipt get 2.17 > receipt.json",
    "<%= config.bin %> receipt get 2.17 --cose --out receipt.cose",
  ];
  static override flags = {
    ...serviceFlags,
    out: Flags.string({ char: "o", helpValue: "FILE", description: "file to write to" }),
    cose: Flags.boolean({ dependsOn: ["out"], description: "the COSE receipt (binary)" }),
    "wait-timeout": waitTimeoutFlag({
      default: 10_000,
      defaultHelp: () => Promise.resolve("10s"),
      description: "how long to wait for the transaction to be committed",
    }),
  };
  static override args = { transaction: transactionArgument() };

  async run(): Promise<ReceiptResult> {
    const { args, flags } = await this.parse(ReceiptGet);
    using client = await this.node(flags);
    await waitUntilCommitted(client, args.transaction, flags["wait-timeout"]);
    const result = await getReceipt(client, args.transaction);
    const json = JSON.stringify(result.receipt, undefined, 2);
    if (flags.out === undefined) {
      this.log(json);
      return result;
    }
    await writeFile(flags.out, flags.cose ? coseBytes(result) : `${json}\n`);
    this.log(`receipt of ${result.transactionId} written to ${flags.out}`);
    return result;
  }
}

function coseBytes({ coseReceipt, transactionId }: ReceiptResult): Buffer {
  if (coseReceipt !== null) return Buffer.from(coseReceipt, "base64");
  throw cliErrors("INVALID_INPUT", `transaction ${transactionId} has no COSE receipt`, {
    hint: "Signature transactions have none; take the JSON receipt.",
  });
}
