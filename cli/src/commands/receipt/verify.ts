// SPDX-License-Identifier: Apache-2.0
import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { cliErrors } from "../../errors.js";
import { contextFlag } from "../../flags/common.js";
import { parseClaimsDigest } from "../../flags/kv.js";
import { readCertificate } from "../../input/certificate.js";
import { readInput } from "../../input/read-input.js";
import { type ReceiptVerification, verifyReceiptFile } from "../../operations/receipts.js";
import { renderFields } from "../../render/table.js";
import { statusWord } from "../../render/text.js";

export default class ReceiptVerify extends BaseCommand {
  static override summary = "Verify a receipt, offline.";
  static override description =
    "Needs nothing but the receipt and the service certificate, which must come from a source you trust. Exit code 10 says that the receipt proves nothing.";
  static override examples = [
    "<%= config.bin %> receipt verify receipt.json --service-cert service_cert.pem",
    "<%= config.bin %> receipt get 2.17 | <%= config.bin %> receipt verify -",
  ];
  static override flags = {
    ...contextFlag,
    "service-cert": Flags.string({
      helpValue: "FILE",
      description: "service certificate (PEM) [default: the context's]",
    }),
    "claims-digest": Flags.string({
      helpValue: "HEX",
      description: "32 bytes that the receipt must be about",
    }),
  };
  static override args = {
    file: Args.string({
      required: true,
      ignoreStdin: true,
      description: "receipt, JSON or COSE, or - for standard input",
    }),
  };

  async run(): Promise<ReceiptVerification> {
    const { args, flags } = await this.parse(ReceiptVerify);
    const certificateFile =
      flags["service-cert"] ?? (await this.readContext(flags)).serviceCertificate;
    if (certificateFile === undefined) {
      throw cliErrors("CONTEXT_INCOMPLETE", "no service certificate is known", {
        hint: "Give --service-cert FILE.",
      });
    }
    const { pem } = await readCertificate(certificateFile);
    const claims =
      flags["claims-digest"] === undefined
        ? {}
        : { claimsDigest: parseClaimsDigest(flags["claims-digest"]) };
    const result = await verifyReceiptFile(await readInput(args.file), pem, claims);
    this.log(
      renderFields([
        ["receipt", statusWord("verified")],
        ["transaction", result.transactionId ?? "a signature transaction"],
        ["root", result.root],
        ["signed by", result.signer],
        ["claims", result.claimsDigest ?? undefined],
        ["service", `certificate ${result.serviceCertificateSha256}`],
      ]),
    );
    return result;
  }
}
