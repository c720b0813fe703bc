// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { type EmbeddedPostgres, startEmbeddedPostgres, withLogin } from "@consortium/kit";
import { openGroupReader } from "./group-reader.js";
import { migrate } from "./migrate.js";
import { defaultRoles, ensureServiceRoles } from "./roles.js";
import { scramVerifier } from "./scram.js";
import { chunkAfter, collect, lead, openStore, withConnection } from "./testing/stores.js";

describe("an operator who is no superuser", () => {
  let dataDirectory: string;
  let postgres: EmbeddedPostgres;
  let adminUrl: string;
  before(async () => {
    dataDirectory = await mkdtemp(path.join(tmpdir(), "ledger-roles-"));
    postgres = await startEmbeddedPostgres({ dataDirectory });
    await withConnection(postgres.adminUrl, async (admin) => {
      await admin.query("create role operator login createrole password 'operator'");
      await admin.query("create database ledger owner operator");
    });
    const login = { user: "operator", password: "operator", database: "ledger" };
    adminUrl = withLogin(postgres.adminUrl, login);
  });
  after(async () => {
    await postgres.stop();
    await rm(dataDirectory, { recursive: true });
  });

  it("can migrate, make the logins, and make them again", async () => {
    await migrate({ adminUrl });
    const first = await ensureServiceRoles(adminUrl, defaultRoles());
    const second = await ensureServiceRoles(adminUrl, defaultRoles());
    assert.notEqual(first.ledger, second.ledger, "a password that is not given is new");
    await using store = await openStore(second.ledger);
    await store.append(chunkAfter(0, await lead(store, 0)));
    await using reader = await openGroupReader({ url: second.auditor, group: 0 });
    assert.equal((await collect(reader.replay(1))).length, 1);
  });

  it("can make a writer a reader", async () => {
    const role = { role: "changing", groups: [0], password: "changing" } as const;
    await ensureServiceRoles(adminUrl, { one: { ...role, access: "write" } });
    const { one } = await ensureServiceRoles(adminUrl, { one: { ...role, access: "read" } });
    await using store = await openStore(one);
    await assert.rejects(store.acquireLease(1), { code: "STORE_ACCESS_DENIED" });
  });
});

describe("the verifier of a password", () => {
  it("is the one that PostgreSQL keeps", () => {
    // RFC 7677, section 3, with its salt and iteration count.
    const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
    assert.equal(
      scramVerifier("pencil", salt),
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$" +
        "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
  });

  it("is not made of a password that would have to be normalised", () => {
    for (const password of ["", "pässword", "line\nbreak", "\u00a0"]) {
      assert.throws(() => scramVerifier(password), TypeError);
    }
  });
});
