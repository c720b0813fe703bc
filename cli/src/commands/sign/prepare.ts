// SPDX-License-Identifier: Apache-2.0
import { writeFile } from "node:fs/promises";
import { Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { readCertificate } from "../../input/certificate.js";
import { readInput } from "../../input/read-input.js";
import { parseId } from "../../operations/governance/ids.js";
import { nowSeconds } from "../../operations/signing/member-signer.js";
import { type PreparedRequest, prepareRequest } from "../../operations/signing/offline.js";
import { MESSAGE_TYPES } from "../../operations/signing/protected-header.js";

export default class SignPrepare extends BaseCommand {
  static override summary = "Prepare a governance request for a key that is kept elsewhere.";
  static override description =
    "Prints a JSON document whose `alg` and `value` (the digest) are what a key vault or an offline machine signs. `ccfctl sign finish` makes the message of it, `ccfctl sign submit` sends it.";
  static override examples = [
    "<%= config.bin %> sign prepare --type proposal --content proposal.json --cert member0_cert.pem --out request.json",
    "<%= config.bin %> sign prepare --type state_digest --cert member0_cert.pem",
  ];
  static override flags = {
    type: Flags.option({
      required: true,
      options: MESSAGE_TYPES,
      description: "what the request is for",
    })(),
    cert: Flags.string({
      required: true,
      helpValue: "FILE",
      description: "certificate of the member (PEM)",
    }),
    content: Flags.string({
      helpValue: "FILE",
      description: "payload, or - for standard input [default: empty]",
    }),
    "created-at": Flags.integer({
      min: 0,
      helpValue: "SECONDS",
      description: "time of signing, seconds since 1970 [default: now]",
    }),
    "proposal-id": Flags.string({
      helpValue: "ID",
      parse: (text) => Promise.resolve(parseId(text, "proposal id")),
      description: "of the proposal, for a ballot or a withdrawal",
    }),
    out: Flags.string({ char: "o", helpValue: "FILE", description: "file to write to" }),
  };

  async run(): Promise<PreparedRequest> {
    const { flags } = await this.parse(SignPrepare);
    const certificate = await readCertificate(flags.cert);
    const payload = flags.content === undefined ? new Uint8Array() : await readInput(flags.content);
    const request = { type: flags.type, payload, createdAt: flags["created-at"] ?? nowSeconds() };
    const proposalId = flags["proposal-id"];
    const prepared = prepareRequest(
      certificate,
      proposalId === undefined ? request : { ...request, proposalId },
    );
    const json = JSON.stringify(prepared, undefined, 2);
    if (flags.out === undefined) this.log(json);
    else await writeFile(flags.out, `${json}\n`);
    return prepared;
  }
}
