// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { cliErrors } from "../../errors.js";
import { constitutionFilesArgument } from "../../flags/constitution.js";
import { resolveLedgerIfAny } from "../../flags/ledger-source.js";
import { proposeFlags } from "../../flags/propose.js";
import type { Json } from "../../json.js";
import { checkConstitution, type ConstitutionCheck } from "../../operations/constitution/check.js";
import { readConstitution } from "../../operations/constitution/read-constitution.js";
import { type ProposeResult, ProposingCommand } from "../../propose-command.js";
import { renderConstitutionCheck } from "../../render/constitution.js";
import { progressLine } from "../../render/progress.js";

export default class ConstitutionSet extends ProposingCommand {
  static override summary = "Propose a new constitution, after trying it.";
  static override description =
    "Does what `constitution check` does, and then proposes the action set_constitution. Nothing is proposed that is no constitution, or under which nobody could change anything any more.";
  static override examples = [
    "<%= config.bin %> constitution set constitution.js",
    "<%= config.bin %> constitution set constitution.js --ledger ledger --as member1",
  ];
  static override flags = {
    ...proposeFlags,
    ledger: Flags.string({
      helpValue: "DIR",
      exclusive: ["database-url"],
      description: "rehearse on the ledger in this folder [default: the context's database]",
    }),
    "database-url": Flags.string({
      helpValue: "URL",
      description: "rehearse on the store: PostgreSQL connection string without a password",
    }),
    "allow-lock-out": Flags.boolean({
      description: "propose it even if nothing could be changed under it any more",
    }),
  };
  static override args = { files: constitutionFilesArgument };

  async run(): Promise<ProposeResult | Json> {
    const { args, flags } = await this.parse(ConstitutionSet);
    const text = await readConstitution(args.files);
    const actions = [{ name: "set_constitution", args: { constitution: text } }];
    if (!flags["dry-run"])
      requireAcceptable(await this.check(text, flags), flags["allow-lock-out"]);
    return this.propose(Buffer.from(JSON.stringify({ actions })), flags);
  }

  private async check(
    text: string,
    flags: {
      ledger?: string | undefined;
      "database-url"?: string | undefined;
      cacert?: string | undefined;
      context?: string | undefined;
    },
  ): Promise<ConstitutionCheck> {
    const context = await this.readContext(flags);
    using progress = progressLine({ enabled: !this.jsonEnabled() });
    const check = await checkConstitution({
      text,
      ledger: resolveLedgerIfAny(flags.ledger, flags["database-url"], context),
      serviceCertificateFile: flags.cacert ?? context.serviceCertificate,
      onProgress: (rehearsed) => progress.show(`${rehearsed} proposals and ballots`),
    });
    progress.clear();
    this.log(`${renderConstitutionCheck(check)}\n`);
    return check;
  }
}

function requireAcceptable(check: ConstitutionCheck, allowLockOut: boolean): void {
  if (check.exportsFault !== null) {
    throw cliErrors("PROPOSAL_FAILED_TO_VALIDATE", check.exportsFault, {
      hint: "Nothing was signed. `ccfctl constitution check` tries it without proposing anything.",
    });
  }
  if (check.ledgerFault !== null) {
    throw cliErrors(
      "VERIFICATION_FAILED",
      `the ledger does not verify: ${check.ledgerFault.message}`,
      {
        details: { reason: check.ledgerFault.code },
        hint: "Nothing was signed. Find out first what happened to the ledger.",
      },
    );
  }
  if (!check.locksOut || allowLockOut) return;
  throw cliErrors(
    "CONSTITUTION_LOCKS_OUT",
    "under this constitution nobody could change it again",
    {
      hint: "Nothing was signed. --allow-lock-out proposes it all the same.",
    },
  );
}
