// SPDX-License-Identifier: Apache-2.0
import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { EXIT_CODES } from "../../exit-codes.js";
import { contextFlag } from "../../flags/common.js";
import { ledgerSourceFlags, resolveLedger } from "../../flags/ledger-source.js";
import {
  type GovernanceVerification,
  verifyGovernance,
} from "../../operations/audit/verify-governance.js";
import { renderGovernanceVerification } from "../../render/governance-verification.js";
import { progressLine } from "../../render/progress.js";

export default class GovVerify extends BaseCommand {
  static override summary = "Make every governance decision of a ledger again, offline.";
  static override description =
    "Verifies the ledger, and then everything that members did: each signed request with the certificate of its time, each state digest and acknowledgement, each proposal id, each vote and what it led to, under the constitution that was in force then. Every row that governance wrote must follow from a request, from the start of the service, or from a node that joined. Exit code 10 when something differs; the result names transaction, table and key, what was expected and what was found. Without a folder the store of the context is read.";
  static override examples = [
    "<%= config.bin %> gov verify ledger --service-cert service_cert.pem",
    "<%= config.bin %> gov verify ledger --from 2.100 --to 2.250",
    "<%= config.bin %> gov verify --database-url postgres://auditor@db.example/ledger",
  ];
  static override flags = {
    ...contextFlag,
    ...ledgerSourceFlags,
    from: Flags.string({ helpValue: "TXID", description: "first transaction to make again" }),
    to: Flags.string({ helpValue: "TXID", description: "last transaction to make again" }),
    threads: Flags.integer({
      min: 1,
      max: 16,
      helpValue: "N",
      description: "how many threads work [default: one for each processor]",
    }),
  };
  static override args = {
    directory: Args.string({ ignoreStdin: true, description: "folder with the ledger files" }),
  };

  async run(): Promise<GovernanceVerification> {
    const { args, flags } = await this.parse(GovVerify);
    const context = await this.readContext(flags);
    using progress = progressLine({ enabled: !this.jsonEnabled() });
    const result = await verifyGovernance({
      ledger: resolveLedger(args.directory, flags["database-url"], context),
      serviceCertificateFile: flags["service-cert"] ?? context.serviceCertificate,
      from: flags.from,
      to: flags.to,
      threads: flags.threads,
      onProgress: ({ transactions = 0, requests = 0 }) =>
        progress.show(`${transactions} transactions, ${requests} requests`),
    });
    progress.clear();
    this.log(renderGovernanceVerification(result));
    if (!result.verified) process.exitCode = EXIT_CODES.data_loss;
    return result;
  }
}
