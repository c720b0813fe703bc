// SPDX-License-Identifier: Apache-2.0
import { Args } from "@oclif/core";
import { cliErrors } from "../errors.js";

const TRANSACTION_ID = /^[1-9]\d{0,15}\.[1-9]\d{0,15}$/;

export function parseTransactionId(text: string): string {
  if (TRANSACTION_ID.test(text)) return text;
  throw cliErrors("INVALID_INPUT", `"${text}" is not a transaction id`, {
    details: { transaction_id: text },
    hint: "A transaction id is view.seqno, for example 2.17; every write answers with its own.",
  });
}

export function transactionArgument() {
  return Args.custom<string>({ parse: (text) => Promise.resolve(parseTransactionId(text)) })({
    required: true,
    ignoreStdin: true,
    description: "transaction id, view.seqno",
  });
}
