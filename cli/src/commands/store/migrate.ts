// SPDX-License-Identifier: Apache-2.0
import { BaseCommand } from "../../base-command.js";
import { adminFlags } from "../../flags/store.js";
import { resolveAdminUrl } from "../../operations/store/admin-url.js";

export default class StoreMigrate extends BaseCommand {
  static override summary = "Prepare a PostgreSQL database, or bring it up to this version.";
  static override description =
    "Applies the migrations of the ledger schema that are missing, each in a transaction of its own. Services refuse to start on a schema that is not theirs.";
  static override examples = [
    "<%= config.bin %> store migrate --admin-url-file postgres/admin.url",
  ];
  static override flags = { ...adminFlags };

  async run(): Promise<{ applied: number[] }> {
    const { flags } = await this.parse(StoreMigrate);
    const { migrate } = await import("@consortium/ledger");
    const adminUrl = await resolveAdminUrl(flags["admin-url-file"], process.env);
    const applied = await migrate({ adminUrl });
    this.log(
      applied.length === 0 ? "nothing to migrate" : `applied migrations ${applied.join(", ")}`,
    );
    return { applied };
  }
}
