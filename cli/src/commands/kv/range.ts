// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { kvFlags, outputFlag, parseBytes } from "../../flags/kv.js";
import { readRange, type RecordView, viewRecord } from "../../operations/kv/records.js";
import { renderTable } from "../../render/table.js";
import { faint } from "../../render/text.js";
import { ServiceCommand } from "../../service-command.js";

interface RangeResult {
  map: string;
  records: RecordView[];
  /** The limit was reached and there are more. */
  more: boolean;
  transactionId: string;
}

export default class KvRange extends ServiceCommand {
  static override summary = "List records in the order of their keys.";
  static override examples = [
    "<%= config.bin %> kv range --map notes",
    "<%= config.bin %> kv range --map notes --start 2026-01 --end 2026-02 --keys-only",
  ];
  static override flags = {
    ...kvFlags,
    ...outputFlag,
    start: Flags.string({
      default: "",
      helpValue: "KEY",
      description: "first key [default: the first of the map]",
    }),
    end: Flags.string({
      default: "",
      helpValue: "KEY",
      description: "key before which to stop [default: none]",
    }),
    limit: Flags.integer({
      min: 1,
      default: 100,
      helpValue: "N",
      description: "at most this many records",
    }),
    "keys-only": Flags.boolean({ description: "do not read the values" }),
  };

  async run(): Promise<RangeResult> {
    const { flags } = await this.parse(KvRange);
    const { map, limit, output, "key-encoding": encoding, "keys-only": keysOnly } = flags;
    const start = parseBytes(flags.start, encoding, "start");
    const end = parseBytes(flags.end, encoding, "end");
    using client = await this.kv(flags);
    const { entries, transactionId, more } = await readRange(client, {
      map,
      start,
      end,
      limit,
      keysOnly,
    });
    const wanted = output === "raw" ? undefined : output;
    const records = entries.map((entry) => viewRecord(entry, wanted, { keysOnly }));
    const rows = records.map((record) => [record.key, record.version, record.value ?? ""]);
    this.log(
      renderTable(["KEY", "VERSION", keysOnly ? "" : "VALUE"], rows, "There are no such records."),
    );
    if (more) this.log(faint(`There are more; give --limit, or --start with the last key.`));
    return { map, records, more, transactionId };
  }
}
