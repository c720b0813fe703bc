// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

export interface Migration {
  version: number;
  name: string;
  sql: string;
  /** SHA-256 of the file, to notice that an applied migration has been edited. */
  digest: string;
}

const FOLDER = path.join(import.meta.dirname, "..", "..", "migrations");

/** The migrations of this version, in order: `000001_name.sql`, without a gap. */
export async function readMigrations(folder = FOLDER): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort();
  return Promise.all(
    files.map(async (file, index) => {
      const match = /^(\d{6})_([a-z0-9_]+)\.sql$/.exec(file);
      const version = Number(match?.[1]);
      if (version !== index + 1) throw new Error(`migration ${file} is not number ${index + 1}`);
      const sql = await readFile(path.join(folder, file), "utf8");
      const digest = createHash("sha256").update(sql).digest("hex");
      return { version, name: match?.[2] ?? "", sql, digest };
    }),
  );
}
