// SPDX-License-Identifier: Apache-2.0
import type { ClientBase } from "pg";
import { storeErrors } from "./errors.js";

/** The number of the last migration that this version works with. */
export const SCHEMA_VERSION = 3;

const READ_VERSION = `select max(version) as version from ledger.migration`;

/** Throws unless the schema is the one that this version was written for. */
export async function requireSchema(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ version: number | null }>(READ_VERSION);
  const version = rows[0]?.version ?? 0;
  if (version === SCHEMA_VERSION) return;
  if (version > SCHEMA_VERSION) throw tooNew(version);
  throw storeErrors(
    "SCHEMA_TOO_OLD",
    `the ledger schema is at version ${version}, and this software needs ${SCHEMA_VERSION}`,
    { hint: "Run `ccfctl store migrate` as the owner of the database." },
  );
}

export function tooNew(version: number): Error {
  return storeErrors(
    "SCHEMA_TOO_NEW",
    `the ledger schema is at version ${version}, and this software knows versions up to ${SCHEMA_VERSION}`,
    { hint: "Use the version of this software that migrated the database, or a later one." },
  );
}
