// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { confirm } from "../../confirm.js";
import { adminFlags } from "../../flags/store.js";
import { resolveAdminUrl } from "../../operations/store/admin-url.js";

export default class StorePrune extends BaseCommand {
  static override summary = "Delete old snapshots from the database.";
  static override description =
    "The ledger stays whole: a snapshot only spares a node that starts reading what is before it. A node that was down for long begins with one that it could have known, so keep a few.";
  static override examples = [
    "<%= config.bin %> store prune --admin-url-file postgres/admin.url --keep 3",
  ];
  static override flags = {
    ...adminFlags,
    keep: Flags.integer({
      min: 1,
      default: 3,
      helpValue: "COUNT",
      description: "how many of the newest stay",
    }),
    yes: Flags.boolean({ char: "y", description: "do not ask before deleting" }),
  };

  async run(): Promise<{ deleted: number }> {
    const { flags } = await this.parse(StorePrune);
    const { pruneSnapshots } = await import("@consortium/ledger");
    const adminUrl = await resolveAdminUrl(flags["admin-url-file"], process.env);
    await confirm(`Delete all snapshots but the newest ${flags.keep}?`, { yes: flags.yes });
    const deleted = await pruneSnapshots({ adminUrl, group: 0, keep: flags.keep });
    this.log(`deleted ${deleted} ${deleted === 1 ? "snapshot" : "snapshots"}`);
    return { deleted };
  }
}
