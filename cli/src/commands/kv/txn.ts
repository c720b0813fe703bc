// SPDX-License-Identifier: Apache-2.0
import { Args } from "@oclif/core";
import { kvFlags, outputFlag, writeFlags } from "../../flags/kv.js";
import { readInputJson } from "../../input/read-input.js";
import { parseTxn } from "../../operations/kv/parse-txn.js";
import { type RecordView, viewRecord } from "../../operations/kv/records.js";
import { writeOptions } from "../../operations/kv/write-options.js";
import { ServiceCommand } from "../../service-command.js";

const { map: _map, "key-encoding": _keyEncoding, ...connectionFlags } = kvFlags;

interface TxnResult {
  succeeded: boolean;
  results: { found: boolean; record: RecordView | null }[];
  transactionId: string;
}

export default class KvTxn extends ServiceCommand {
  static override summary = "Compare, then write: all or nothing, as one transaction.";
  static override description = `Reads {"compares": […], "success": […], "failure": […]}. When all compares hold, the operations of "success" are done, else those of "failure".

A compare is {"map", "key"} with one of "exists": true|false, "version": seqno (0: no such key), "value".
An operation is {"put": {"map", "key", "value"}}, {"get": {"map", "key"}} or {"delete": {"map", "key"}}.
A key or value is text, or {"hex": "…"} or {"base64": "…"}.`;
  static override examples = [
    "<%= config.bin %> kv txn transfer.json",
    `echo '{"success": [{"put": {"map": "notes", "key": "a", "value": "1"}}]}' | <%= config.bin %> kv txn -`,
  ];
  static override flags = { ...connectionFlags, ...outputFlag, ...writeFlags };
  static override args = {
    file: Args.string({
      required: true,
      ignoreStdin: true,
      description: "transaction in JSON, or - for standard input",
    }),
  };

  async run(): Promise<TxnResult> {
    const { args, flags } = await this.parse(KvTxn);
    const txn = parseTxn(await readInputJson(args.file));
    using client = await this.kv(flags);
    const response = await client.txn({ groupId: 0, ...txn, options: writeOptions(flags) });
    const wanted = flags.output === "raw" ? undefined : flags.output;
    const results = response.results.map(({ found, entry }) => ({
      found,
      record: entry === undefined ? null : viewRecord(entry, wanted),
    }));
    const { succeeded, transactionId } = response;
    this.log(`${succeeded ? "success" : "failure"}  ${transactionId}`);
    for (const { record } of results.filter(({ found }) => found)) {
      if (record !== null) this.log(`${record.key}  ${record.value ?? ""}`);
    }
    return { succeeded, results, transactionId };
  }
}
