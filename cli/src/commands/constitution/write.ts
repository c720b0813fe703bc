// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { Args } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { writeNewFile } from "../../input/write-new-file.js";
import { constitutionFiles } from "../../operations/sandbox/constitution-files.js";

export default class ConstitutionWrite extends BaseCommand {
  static override summary = "Write our own constitution into one file.";
  static override description =
    "To start a service with it (`constitution_files` of the node's configuration), or to change it and propose the result with `ccfctl propose constitution set`.";
  static override examples = ["<%= config.bin %> constitution write constitution.js"];
  static override args = {
    file: Args.string({
      required: true,
      ignoreStdin: true,
      description: "file to write, a new one",
    }),
  };

  async run(): Promise<{ file: string; bytes: number }> {
    const { args } = await this.parse(ConstitutionWrite);
    // Joined as a node joins them, so that one file or many make no difference.
    const parts = await Promise.all(constitutionFiles().map((file) => readFile(file, "utf8")));
    const text = parts.map((part) => `${part}\n`).join("");
    await writeNewFile(args.file, text, 0o644);
    this.log(`${args.file}: the constitution, ${parts.length} parts`);
    return { file: args.file, bytes: Buffer.byteLength(text) };
  }
}
