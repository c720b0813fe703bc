// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { adminFlags } from "../../flags/store.js";
import { resolveAdminUrl } from "../../operations/store/admin-url.js";
import { type Login, makeLogins } from "../../operations/store/logins.js";
import { renderTable } from "../../render/table.js";

export default class StoreRoles extends BaseCommand {
  static override summary = "Make a database login for each service and for an auditor.";
  static override description =
    "Only the ledger node's login may append, nobody's may change or remove. Each connection string is written to a file of its own (mode 0600), for `store.url_file` of a service or CCFCTL_DATABASE_URL of an auditor. Run again, it repairs the logins and keeps their passwords. The database must have been migrated.";
  static override examples = [
    "<%= config.bin %> store roles --admin-url-file postgres/admin.url --out logins",
  ];
  static override flags = {
    ...adminFlags,
    out: Flags.string({ default: ".", helpValue: "DIR", description: "folder for the files" }),
    prefix: Flags.string({
      default: "consortium",
      helpValue: "NAME",
      description: "what the names of the logins begin with",
    }),
  };

  async run(): Promise<{ logins: Login[] }> {
    const { flags } = await this.parse(StoreRoles);
    const adminUrl = await resolveAdminUrl(flags["admin-url-file"], process.env);
    const logins = await makeLogins({ adminUrl, directory: flags.out, prefix: flags.prefix });
    const rows = logins.map(({ role, access, file }) => [role, access, file]);
    this.log(renderTable(["LOGIN", "ACCESS", "FILE"], rows, ""));
    return { logins };
  }
}
