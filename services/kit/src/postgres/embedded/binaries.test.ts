// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { canReach } from "./account.js";
import { copyOut, findBinaries } from "./binaries.js";

const STRANGER = { uid: 64_999, gid: 64_999 };

describe("the programs of PostgreSQL", { skip: process.platform === "win32" }, () => {
  let parent: string;
  let native: string;
  beforeEach(async () => {
    parent = await mkdtemp(path.join(tmpdir(), "binaries-"));
    await chmod(parent, 0o755);
    const { postgres } = await findBinaries(undefined);
    native = path.join(postgres, "..", "..");
  });
  afterEach(() => rm(parent, { recursive: true }));

  it("are copied where every user can run them, once", async () => {
    const umask = process.umask(0o077);
    const first = await copyOut(native, "v1", [parent]);
    process.umask(umask);
    assert.equal(first, path.join(parent, "consortium-ledger", "v1"));
    for (const file of ["bin/postgres", "bin/initdb", "lib/postgresql", "share/postgresql"]) {
      assert.equal(await canReach(STRANGER, path.join(first, file)), true, file);
    }
    assert.equal(await copyOut("/nowhere", "v1", [parent]), first);
    assert.deepEqual(await readdir(path.dirname(first)), ["v1"]);
  });

  it("are not taken from a folder that others could have prepared", async () => {
    const base = path.join(parent, "consortium-ledger");
    await mkdir(base);
    await chmod(base, 0o777);
    await assert.rejects(copyOut(native, "v1", [parent]), { code: "EMBEDDED_POSTGRES_FAILED" });
    await rm(base, { recursive: true });
    await mkdir(path.join(parent, "elsewhere"));
    await symlink(path.join(parent, "elsewhere"), base);
    await assert.rejects(copyOut(native, "v1", [parent]), { code: "EMBEDDED_POSTGRES_FAILED" });
  });
});
