// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { EXIT_CODES } from "../../exit-codes.js";
import { contextFlag } from "../../flags/common.js";
import { constitutionFilesArgument } from "../../flags/constitution.js";
import { ledgerSourceFlags, resolveLedgerIfAny } from "../../flags/ledger-source.js";
import { checkConstitution, type ConstitutionCheck } from "../../operations/constitution/check.js";
import { readConstitution } from "../../operations/constitution/read-constitution.js";
import { renderConstitutionCheck } from "../../render/constitution.js";
import { progressLine } from "../../render/progress.js";

export default class ConstitutionCheckCommand extends BaseCommand {
  static override summary = "Try a constitution before anyone votes on it.";
  static override description =
    "Looks whether the files are a constitution, and rehearses it: every proposal and ballot that the ledger records is made again as if it had been in force, and what comes out otherwise is shown. Then it is tried whether members could still change anything, or would lock themselves out. Exit code 2 if it is no constitution, 6 if it locks out. Without a ledger only the first of these is done.";
  static override examples = [
    "<%= config.bin %> constitution check constitution.js --ledger ledger",
    "<%= config.bin %> constitution check actions.js validate.js resolve.js apply.js",
  ];
  static override flags = {
    ...contextFlag,
    ledger: Flags.string({
      helpValue: "DIR",
      exclusive: ["database-url"],
      description: "folder with the ledger files [default: the context's database]",
    }),
    ...ledgerSourceFlags,
  };
  static override args = { files: constitutionFilesArgument };

  async run(): Promise<ConstitutionCheck> {
    const { args, flags } = await this.parse(ConstitutionCheckCommand);
    const context = await this.readContext(flags);
    const ledger = resolveLedgerIfAny(flags.ledger, flags["database-url"], context);
    using progress = progressLine({ enabled: !this.jsonEnabled() });
    const result = await checkConstitution({
      text: await readConstitution(args.files),
      ledger,
      serviceCertificateFile: flags["service-cert"] ?? context.serviceCertificate,
      onProgress: (rehearsed) => progress.show(`${rehearsed} proposals and ballots`),
    });
    progress.clear();
    this.log(renderConstitutionCheck(result));
    if (ledger === undefined && result.exportsFault === null)
      this.log("not rehearsed: give --ledger DIR, or choose a context with a database");
    const exitCode = exitCodeFor(result);
    if (exitCode !== undefined) process.exitCode = exitCode;
    return result;
  }
}

function exitCodeFor({
  exportsFault,
  ledgerFault,
  locksOut,
}: ConstitutionCheck): number | undefined {
  if (exportsFault !== null) return EXIT_CODES.invalid_argument;
  if (ledgerFault !== null) return EXIT_CODES.data_loss;
  return locksOut ? EXIT_CODES.failed_precondition : undefined;
}
