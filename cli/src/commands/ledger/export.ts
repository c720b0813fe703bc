// SPDX-License-Identifier: Apache-2.0
import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { contextFlag } from "../../flags/common.js";
import { resolveDatabaseUrl } from "../../operations/ledger/database-url.js";
import { exportLedger, type LedgerExportResult } from "../../operations/ledger/export.js";
import { progressLine } from "../../render/progress.js";
import { renderTable } from "../../render/table.js";

export default class LedgerExport extends BaseCommand {
  static override summary = "Write the ledger as CCF's directory of files.";
  static override description =
    "Reads the store and writes ledger_1-14.committed and so on, each file ending with a signature, and the snapshots of the store into snapshots/. CCF's own tools read and verify the directory. The database is the context's, or CCFCTL_DATABASE_URL's.";
  static override examples = [
    "<%= config.bin %> ledger export ledger",
    "<%= config.bin %> ledger export ledger --group 1",
  ];
  static override flags = {
    ...contextFlag,
    "database-url": Flags.string({
      helpValue: "URL",
      description: "PostgreSQL connection string without a password",
    }),
    group: Flags.integer({
      min: 0,
      default: 0,
      helpValue: "N",
      description: "group whose ledger to write",
    }),
  };
  static override args = {
    directory: Args.string({
      required: true,
      ignoreStdin: true,
      description: "folder to write to, new or empty",
    }),
  };

  async run(): Promise<LedgerExportResult> {
    const { args, flags } = await this.parse(LedgerExport);
    const context = await this.readContext(flags);
    const databaseUrl = resolveDatabaseUrl(flags["database-url"], process.env, context);
    using progress = progressLine({ enabled: !this.jsonEnabled() });
    const { directory } = args;
    const result = await exportLedger({
      databaseUrl,
      group: flags.group,
      directory,
      onProgress: (seqno) => progress.show(`${seqno} transactions`),
    });
    progress.clear();
    const rows = result.files.map((file) => [file.name, file.firstSeqno, file.lastSeqno]);
    for (const { name, seqno } of result.snapshots) rows.push([`snapshots/${name}`, "1", seqno]);
    this.log(renderTable(["FILE", "FROM", "TO"], rows, ""));
    this.log(
      `${result.lastSeqno} transactions written to ${directory}; verify them with \`ccfctl ledger verify ${directory}\``,
    );
    return result;
  }
}
