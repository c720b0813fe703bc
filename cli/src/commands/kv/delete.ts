// SPDX-License-Identifier: Apache-2.0
import { keyArgument, kvFlags, parseBytes, writeFlags } from "../../flags/kv.js";
import { writeOptions } from "../../operations/kv/write-options.js";
import { ServiceCommand } from "../../service-command.js";

export default class KvDelete extends ServiceCommand {
  static override summary = "Remove a record.";
  static override description =
    "The removal is a transaction of its own; that there was no such record is no error.";
  static override examples = ["<%= config.bin %> kv delete greeting --map notes"];
  static override flags = { ...kvFlags, ...writeFlags };
  static override args = { key: keyArgument() };

  async run(): Promise<{ map: string; key: string; transactionId: string }> {
    const { args, flags } = await this.parse(KvDelete);
    const { map } = flags;
    const key = parseBytes(args.key, flags["key-encoding"], "key");
    using client = await this.kv(flags);
    const { transactionId } = await client.delete({
      groupId: 0,
      map,
      key,
      options: writeOptions(flags),
    });
    this.log(transactionId);
    return { map, key: args.key, transactionId };
  }
}
