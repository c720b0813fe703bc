// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { isAppError } from "@consortium/kit";
import { openGroupReader } from "@consortium/ledger";
import { startTestDatabase, type TestDatabase } from "@consortium/ledger/testing";
import { temporaryFolder } from "../../testing/participant.js";
import { resolveAdminUrl } from "./admin-url.js";
import { makeLogins } from "./logins.js";

const URL = "postgres://owner:secret@db/ledger";

test("The owner's connection string comes from the file, else from the environment", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "admin.url");
  await writeFile(file, `${URL}\n`);
  assert.equal(await resolveAdminUrl(file, { CCFCTL_ADMIN_URL: "postgres://other" }), URL);
  assert.equal(await resolveAdminUrl(undefined, { CCFCTL_ADMIN_URL: URL }), URL);
});

test("Without one, the ways to give it are named", async () => {
  await assert.rejects(resolveAdminUrl(undefined, {}), (error) => {
    assert.ok(isAppError(error, "DATABASE_NOT_CONFIGURED"));
    assert.match(error.hint ?? "", /--admin-url-file.*CCFCTL_ADMIN_URL.*ccfctl store start/);
    return true;
  });
});

test("What is no connection string is refused without being shown", async () => {
  await assert.rejects(resolveAdminUrl(undefined, { CCFCTL_ADMIN_URL: "secret" }), (error) => {
    assert.ok(isAppError(error, "INVALID_INPUT"));
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

suite("Logins", () => {
  let database: TestDatabase;
  before(async () => (database = await startTestDatabase()));
  after(() => database.stop());
  const prefix = `p${process.pid}`;

  test("are made with files that only their owner reads, and work", async () => {
    await using folder = await temporaryFolder();
    const directory = join(folder.path, "logins");
    const logins = await makeLogins({ adminUrl: database.adminUrl, directory, prefix });
    assert.deepEqual(
      logins.map(({ name, access }) => [name, access]),
      [
        ["ledger", "write"],
        ["governance", "read"],
        ["recovery", "read"],
        ["auditor", "read"],
      ],
    );
    for (const { file } of logins) {
      assert.equal((await stat(file)).mode & 0o777, 0o600);
      const url = (await readFile(file, "utf8")).trim();
      await using reader = await openGroupReader({ url, group: 0 });
      assert.equal((await reader.readHead()).lastSeqno, 0);
    }
  });

  test("keep their passwords when they are made again", async () => {
    await using folder = await temporaryFolder();
    const request = { adminUrl: database.adminUrl, directory: folder.path, prefix };
    const [first] = await makeLogins(request);
    const before = await readFile(first!.file, "utf8");
    await makeLogins(request);
    assert.equal(await readFile(first!.file, "utf8"), before);
  });

  test("do not overwrite a file that holds something else", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "ledger.url"), "notes");
    await assert.rejects(
      makeLogins({ adminUrl: database.adminUrl, directory: folder.path, prefix }),
      (error) => isAppError(error, "FILE_EXISTS"),
    );
  });
});
