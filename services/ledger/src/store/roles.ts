// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { connectWritable, withLogin } from "@consortium/kit";
import { type Client, escapeIdentifier, escapeLiteral } from "pg";
import { scramVerifier } from "./scram.js";
import { toStoreError } from "./store-error.js";

/** A database login of one service. */
export interface ServiceRole {
  /** Name of the login. */
  role: string;
  /** `write`: append to its groups, and read them. `read`: read them. */
  access: "write" | "read";
  groups: readonly number[];
  /** Printable ASCII. Absent: a new one at each call. */
  password?: string;
}

/** The logins of a consortium of one node of each kind, with the main ledger. */
export function defaultRoles(prefix = "consortium"): Record<ServiceName, ServiceRole> {
  return {
    ledger: { role: `${prefix}_ledger`, access: "write", groups: [0] },
    governance: { role: `${prefix}_governance`, access: "read", groups: [0] },
    recovery: { role: `${prefix}_recovery`, access: "read", groups: [0] },
    auditor: { role: `${prefix}_auditor`, access: "read", groups: [0] },
  };
}

export type ServiceName = "ledger" | "governance" | "recovery" | "auditor";

/** Any number but the one that migrations take. */
const LOCK = 4_727_002;

/**
 * Makes the logins, or gives existing ones the password and access asked for, and makes the head row of each
 * group. Returns a connection string for each. The schema must have been migrated.
 *
 * @example
 * const urls = await ensureServiceRoles(adminUrl, defaultRoles());
 * const store = await openGroupStore({ url: urls.ledger, group: 0, holder, leaseMs: 1000 });
 */
export async function ensureServiceRoles<Name extends string>(
  adminUrl: string,
  roles: Readonly<Record<Name, ServiceRole>>,
): Promise<Record<Name, string>> {
  const client = await connectWritable({ url: adminUrl, applicationName: "ledger-roles" });
  try {
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    const urls: Partial<Record<Name, string>> = {};
    for (const [name, role] of Object.entries(roles) as [Name, ServiceRole][]) {
      const password = role.password ?? randomBytes(24).toString("hex");
      await ensureLogin(client, role, password);
      for (const group of role.groups) await grantGroup(client, role, group);
      urls[name] = withLogin(adminUrl, { user: role.role, password });
    }
    return urls as Record<Name, string>;
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await client.end();
  }
}

async function ensureLogin(
  client: Client,
  { role, access }: ServiceRole,
  password: string,
): Promise<void> {
  const name = escapeIdentifier(role);
  const verifier = escapeLiteral(scramVerifier(password));
  const { rowCount } = await client.query("select from pg_roles where rolname = $1", [role]);
  if (rowCount === 0) await client.query(`create role ${name} login`);
  await client.query(`alter role ${name} login password ${verifier}`);
  const [given, taken] =
    access === "write"
      ? ["ledger_store_writer", "ledger_store_reader"]
      : ["ledger_store_reader", "ledger_store_writer"];
  await client.query(`grant ${given} to ${name}`);
  await client.query(`revoke ${taken} from ${name}`);
}

const MAKE_HEAD = `
  insert into ledger.head (group_id)
  values ($1)
  on conflict do nothing`;

const GRANT_GROUP = `
  insert into ledger.group_access (role_name, group_id, can_write)
  values ($1, $2, $3)
  on conflict (role_name, group_id) do update
  set can_write = excluded.can_write`;

async function grantGroup(
  client: Client,
  { role, access }: ServiceRole,
  group: number,
): Promise<void> {
  await client.query(MAKE_HEAD, [group]);
  await client.query(GRANT_GROUP, [role, group, access === "write"]);
}

/** Takes a group away from a login, from its next statement on. */
export async function revokeGroup(adminUrl: string, role: string, group: number): Promise<void> {
  const client = await connectWritable({ url: adminUrl, applicationName: "ledger-roles" });
  try {
    await client.query("delete from ledger.group_access where role_name = $1 and group_id = $2", [
      role,
      group,
    ]);
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await client.end();
  }
}
