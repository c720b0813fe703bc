// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { writeFileAtomic } from "@consortium/kit/lifecycle";
import { startEmbeddedPostgres } from "@consortium/kit/postgres";
import { Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";

export default class StoreStart extends BaseCommand {
  static override summary = "Run a PostgreSQL of your own, for who has none.";
  static override description =
    "Runs PostgreSQL on 127.0.0.1 in the foreground until it is told to stop (Ctrl-C, SIGTERM). Everything of it lies in one folder; `admin.url` there holds the connection string of its owner.";
  static override examples = ["<%= config.bin %> store start --dir postgres"];
  static override flags = {
    dir: Flags.string({ default: "postgres", helpValue: "DIR", description: "folder of its data" }),
    port: Flags.integer({
      min: 1,
      max: 65_535,
      helpValue: "PORT",
      description: "port to listen on [default: that of the last time, or any free one]",
    }),
  };

  async run(): Promise<{ directory: string; port: number; adminUrlFile: string }> {
    const { flags } = await this.parse(StoreStart);
    const stopped = new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, resolve);
    });
    await using postgres = await startEmbeddedPostgres({
      dataDirectory: flags.dir,
      ...(flags.port === undefined ? {} : { port: flags.port }),
    });
    const { port } = postgres;
    const adminUrlFile = join(flags.dir, "admin.url");
    await writeFileAtomic(adminUrlFile, `${postgres.adminUrl}\n`, { mode: 0o600 });
    this.log(
      `PostgreSQL serves on 127.0.0.1:${port}; its owner's connection string is in ${adminUrlFile}`,
    );
    const alive = setInterval(() => undefined, 1 << 30);
    await stopped;
    clearInterval(alive);
    return { directory: flags.dir, port, adminUrlFile };
  }
}
