// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { Flags } from "@oclif/core";
import { textArgument } from "../../flags/action-arguments.js";
import { serviceFlags } from "../../flags/common.js";
import { readInput } from "../../input/read-input.js";
import { parseId } from "../../operations/governance/ids.js";
import { findProposalId, previewProposal } from "../../operations/governance/proposals.js";
import { renderPreview } from "../../render/proposal.js";
import { ServiceCommand } from "../../service-command.js";
import type { PreviewView } from "../../views/preview.js";

export default class ProposalPreview extends ServiceCommand {
  static override summary = "See what a proposal would change, before anyone signs.";
  static override description =
    "The service runs its constitution on a copy of its state; nothing is recorded. Takes a proposal file that nobody has signed yet, or the id of an open proposal.";
  static override examples = [
    "<%= config.bin %> proposal preview proposal.json",
    "<%= config.bin %> proposal preview e75a1c35 --member d16982561337a4a08d57e654b6640266d0aced4b360ac06fca780b708e8aaeaf",
  ];
  static override flags = {
    ...serviceFlags,
    member: Flags.string({
      helpValue: "ID",
      parse: (text) => Promise.resolve(parseId(text, "member id")),
      description: "try what the yes of this member would do",
    }),
  };
  static override args = {
    subject: textArgument("proposal file, - for standard input, or proposal id"),
  };

  async run(): Promise<PreviewView> {
    const { args, flags } = await this.parse(ProposalPreview);
    using client = await this.governance(flags);
    const { subject } = args;
    const isFile = subject === "-" || existsSync(subject);
    const preview = isFile
      ? await previewProposal(client, { body: await readInput(subject) })
      : await previewProposal(client, {
          proposalId: await findProposalId(client, subject),
          ...(flags.member === undefined ? {} : { memberId: flags.member }),
        });
    this.log(renderPreview(preview));
    return preview;
  }
}
