// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { BaseCommand } from "../base-command.js";
import { keygen } from "../operations/keygen/keygen.js";
import { CURVE_NAMES, type KeygenResult } from "../operations/keygen/request.js";
import { renderKeygen } from "../render/keygen.js";

export default class Keygen extends BaseCommand {
  static override summary = "Generate the keys of a member or a user.";
  static override description =
    "Writes the files of CCF's keygenerator.sh: NAME_privk.pem and NAME_cert.pem, and with --gen-enc-key also NAME_enc_privk.pem and NAME_enc_pubk.pem, to which recovery shares are encrypted. Existing files are never overwritten.";
  static override examples = [
    "<%= config.bin %> keygen --name member0 --gen-enc-key",
    "<%= config.bin %> keygen --name user0 --curve secp256r1 --out keys",
  ];
  static override flags = {
    name: Flags.string({
      char: "n",
      required: true,
      description: "name of the participant, for example member0",
    }),
    curve: Flags.option({
      char: "c",
      options: CURVE_NAMES,
      default: "secp384r1" as const,
      description: "curve of the identity key",
    })(),
    "gen-enc-key": Flags.boolean({
      char: "g",
      description: "also generate an RSA key pair for recovery shares (members only)",
    }),
    out: Flags.string({
      char: "o",
      default: ".",
      helpValue: "DIR",
      description: "folder to write to",
    }),
  };

  async run(): Promise<KeygenResult> {
    const { flags } = await this.parse(Keygen);
    const { name, curve, out } = flags;
    const result = await keygen({
      name,
      curve,
      directory: out,
      withEncryptionKey: flags["gen-enc-key"],
    });
    this.log(renderKeygen(result));
    return result;
  }
}
