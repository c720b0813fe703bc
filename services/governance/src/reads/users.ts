// SPDX-License-Identifier: Apache-2.0
import type { governance } from "@consortium/proto";
import {
  canonicalJson,
  keyFromText,
  keyToText,
  type KvReader,
  rows,
  TABLES,
} from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import { requireDigestId } from "../proposal/proposal-table.js";
import { type Page, type PageRequest, readPage } from "./page.js";

export function listUsers(kv: KvReader, page: PageRequest): Page<governance.User> {
  return readPage(kv, TABLES.usersCerts, page, (key, value) => toUser(kv, keyToText(key), value));
}

/** Throws `INVALID_RESOURCE_NAME`, `USER_NOT_FOUND`. */
export function getUser(kv: KvReader, userId: string): governance.User {
  const id = requireDigestId(userId, "user ID", "user_id");
  const row = kv.get(TABLES.usersCerts, keyFromText(id));
  if (row === undefined) throw governanceErrors("USER_NOT_FOUND", `User u[${id}] does not exist.`);
  return toUser(kv, id, row.value);
}

function toUser(kv: KvReader, userId: string, certificate: Uint8Array): governance.User {
  const row = kv.get(TABLES.usersInfo, keyFromText(userId));
  const data = row === undefined ? null : (rows.usersInfo.decode(row.value).user_data ?? null);
  return {
    userId,
    certificate: rows.userCertificate.decode(certificate),
    userDataJson: canonicalJson(data),
  };
}
