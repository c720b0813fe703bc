// SPDX-License-Identifier: Apache-2.0
import { writeFile } from "node:fs/promises";
import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { readInputJson } from "../../input/read-input.js";
import {
  finishRequest,
  parsePreparedRequest,
  parseSignature,
} from "../../operations/signing/offline.js";

export default class SignFinish extends BaseCommand {
  static override summary = "Finish a prepared request with its signature.";
  static override description =
    'Takes the file of `ccfctl sign prepare` and the signature as {"value": "<base64url of r and s>"}, checks that they fit, and writes the signed message (COSE_Sign1).';
  static override examples = [
    "<%= config.bin %> sign finish request.json --signature signature.json --out request.cose",
  ];
  static override flags = {
    signature: Flags.string({
      required: true,
      helpValue: "FILE",
      description: "signature (JSON), or - for standard input",
    }),
    out: Flags.string({
      char: "o",
      required: true,
      helpValue: "FILE",
      description: "file to write the message to",
    }),
  };
  static override args = {
    request: Args.string({
      required: true,
      ignoreStdin: true,
      description: "file of `ccfctl sign prepare`",
    }),
  };

  async run(): Promise<{ file: string; coseSign1: string }> {
    const { args, flags } = await this.parse(SignFinish);
    const prepared = parsePreparedRequest(await readInputJson(args.request));
    const message = finishRequest(prepared, parseSignature(await readInputJson(flags.signature)));
    await writeFile(flags.out, message);
    this.log(`signed request written to ${flags.out}`);
    return { file: flags.out, coseSign1: Buffer.from(message).toString("base64") };
  }
}
