// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { withLogin } from "@consortium/kit";
import { migrate } from "./migrate.js";
import { readMigrations } from "./migrations.js";
import { defaultRoles, ensureServiceRoles } from "./roles.js";
import { SCHEMA_VERSION } from "./schema.js";
import { startTestDatabase, type TestDatabase } from "./testing/index.js";
import { openStore, withConnection } from "./testing/stores.js";

describe("migrations", () => {
  let database: TestDatabase;
  let adminUrl: string;
  let folder: string;
  before(async () => {
    database = await startTestDatabase();
  });
  after(() => database.stop());
  beforeEach(async () => {
    adminUrl = withLogin(database.adminUrl, { database: "empty" });
    await withConnection(database.adminUrl, (admin) => admin.query("create database empty"));
    folder = await mkdtemp(path.join(tmpdir(), "migrations-"));
    await cp(path.join(import.meta.dirname, "../../migrations"), folder, { recursive: true });
  });
  afterEach(async () => {
    await withConnection(database.adminUrl, (admin) =>
      admin.query("drop database empty with (force)"),
    );
    await rm(folder, { recursive: true });
  });

  it("are the ones that this version works with", async () => {
    assert.equal((await readMigrations()).length, SCHEMA_VERSION);
  });

  it("are applied once", async () => {
    assert.deepEqual(await migrate({ adminUrl }), [1, 2, 3]);
    assert.deepEqual(await migrate({ adminUrl }), []);
  });

  it("are applied once by many at the same time", async () => {
    const applied = await Promise.all(Array.from({ length: 5 }, () => migrate({ adminUrl })));
    assert.deepEqual(applied.flat(), [1, 2, 3]);
  });

  it("leave nothing when one fails", async () => {
    await migrate({ adminUrl });
    await writeFile(
      path.join(folder, "000004_bad.sql"),
      "create table ledger.half (a int); select 1/0;",
    );
    await assert.rejects(migrate({ adminUrl, folder }), /division by zero/);
    await writeFile(path.join(folder, "000004_bad.sql"), "create table ledger.half (a int);");
    assert.deepEqual(await migrate({ adminUrl, folder }), [4]);
  });

  it("of a later version are refused", async () => {
    await writeFile(path.join(folder, "000004_later.sql"), "create table ledger.later (a int);");
    await migrate({ adminUrl, folder });
    await assert.rejects(migrate({ adminUrl }), { code: "SCHEMA_TOO_NEW" });
    const urls = await ensureServiceRoles(adminUrl, defaultRoles(`${database.roles.ledger}_later`));
    await assert.rejects(openStore(urls.ledger), { code: "SCHEMA_TOO_NEW" });
  });

  it("that were edited after they were applied are refused", async () => {
    await migrate({ adminUrl });
    await writeFile(path.join(folder, "000001_ledger.sql"), "select 1;");
    await assert.rejects(migrate({ adminUrl, folder }), { code: "SCHEMA_CHANGED" });
  });

  it("that are missing are missed when the store is opened", async () => {
    await assert.rejects(openStore(adminUrl), { code: "SCHEMA_MISSING" });
    await withConnection(adminUrl, async (admin) => {
      await admin.query("create schema ledger");
      await admin.query("create table ledger.migration (version int)");
    });
    await assert.rejects(openStore(adminUrl), { code: "SCHEMA_TOO_OLD" });
  });

  it("must be numbered without a gap", async () => {
    await writeFile(path.join(folder, "000005_gap.sql"), "select 1;");
    await assert.rejects(readMigrations(folder), /000005_gap.sql is not number 4/);
    await rm(path.join(folder, "000005_gap.sql"));
    await writeFile(path.join(folder, "3_short.sql"), "select 1;");
    await assert.rejects(readMigrations(folder), /3_short.sql is not number/);
  });
});
