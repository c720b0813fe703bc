// SPDX-License-Identifier: Apache-2.0
import { Args } from "@oclif/core";
import { proposeFlags } from "../../flags/propose.js";
import { readInput } from "../../input/read-input.js";
import type { Json } from "../../json.js";
import { type ProposeResult, ProposingCommand } from "../../propose-command.js";

export default class Propose extends ProposingCommand {
  static override summary = "Make a proposal from a file.";
  static override description =
    'The file holds {"actions": [{"name": …, "args": {…}}, …]}; it is signed byte for byte as it is. For a single action see the commands below, which take flags instead of JSON.';
  static override examples = [
    "<%= config.bin %> propose proposal.json",
    "<%= config.bin %> propose user add --user-cert user0_cert.pem --dry-run > proposal.json",
  ];
  static override flags = proposeFlags;
  static override args = {
    file: Args.string({
      required: true,
      ignoreStdin: true,
      description: "proposal in JSON, or - for standard input",
    }),
  };

  async run(): Promise<ProposeResult | Json> {
    const { args, flags } = await this.parse(Propose);
    return this.propose(await readInput(args.file), flags);
  }
}
