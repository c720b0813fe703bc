// SPDX-License-Identifier: Apache-2.0
import { Args, Flags } from "@oclif/core";
import { cliErrors } from "../../errors.js";
import { keyArgument, kvFlags, parseBytes, writeFlags } from "../../flags/kv.js";
import { readInput } from "../../input/read-input.js";
import { writeOptions } from "../../operations/kv/write-options.js";
import { ServiceCommand } from "../../service-command.js";
import { ENCODINGS } from "../../views/bytes.js";

export default class KvPut extends ServiceCommand {
  static override summary = "Write a record.";
  static override description =
    "Answers with the transaction id when the record is committed: durable, signed and final. The value is an argument, a file, or standard input.";
  static override examples = [
    '<%= config.bin %> kv put greeting "hello" --map notes',
    "<%= config.bin %> kv put report --map public:reports --file report.pdf",
    "date | <%= config.bin %> kv put now --map notes --file -",
  ];
  static override flags = {
    ...kvFlags,
    ...writeFlags,
    file: Flags.string({
      char: "f",
      helpValue: "FILE",
      description: "file with the value, or - for standard input",
    }),
    encoding: Flags.option({
      options: ENCODINGS,
      default: "utf8" as const,
      description: "how the value is written on the command line",
    })(),
  };
  static override args = {
    key: keyArgument(),
    value: Args.string({ ignoreStdin: true, description: "value of the record" }),
  };

  async run(): Promise<{ map: string; key: string; transactionId: string }> {
    const { args, flags } = await this.parse(KvPut);
    const { map, file } = flags;
    if ((args.value === undefined) === (file === undefined)) {
      throw cliErrors("INVALID_USAGE", args.value === undefined ? "no value" : "two values", {
        hint: "Give the value as an argument, or with --file FILE, or with --file - from standard input.",
      });
    }
    const key = parseBytes(args.key, flags["key-encoding"], "key");
    const value =
      file === undefined
        ? parseBytes(args.value ?? "", flags.encoding, "value")
        : await readInput(file);
    using client = await this.kv(flags);
    const { transactionId } = await client.put({
      groupId: 0,
      map,
      key,
      value,
      options: writeOptions(flags),
    });
    this.log(transactionId);
    return { map, key: args.key, transactionId };
  }
}
