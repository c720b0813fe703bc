// SPDX-License-Identifier: Apache-2.0
import { keyArgument, kvFlags, outputFlag, parseBytes } from "../../flags/kv.js";
import { type RecordView, viewRecord } from "../../operations/kv/records.js";
import { ServiceCommand } from "../../service-command.js";

export default class KvGet extends ServiceCommand {
  static override summary = "Read a record.";
  static override description =
    "Prints the value: as text where it is text, else in base64; --output raw writes the bytes as they are.";
  static override examples = [
    "<%= config.bin %> kv get greeting --map notes",
    "<%= config.bin %> kv get report --map public:reports --output raw > report.pdf",
  ];
  static override flags = { ...kvFlags, ...outputFlag };
  static override args = { key: keyArgument() };

  async run(): Promise<RecordView & { map: string; transactionId: string }> {
    const { args, flags } = await this.parse(KvGet);
    const { map, output } = flags;
    const key = parseBytes(args.key, flags["key-encoding"], "key");
    using client = await this.kv(flags);
    const { value, version, transactionId } = await client.get({ groupId: 0, map, key });
    const record = viewRecord({ key, value, version }, output === "raw" ? undefined : output);
    if (output === "raw" && !this.jsonEnabled()) process.stdout.write(value);
    else this.log(record.value ?? "");
    return { map, ...record, transactionId };
  }
}
