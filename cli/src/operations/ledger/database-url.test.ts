// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { EMPTY_CONTEXT } from "../../context/context.js";
import { resolveDatabaseUrl } from "./database-url.js";

const context = { ...EMPTY_CONTEXT, databaseUrl: "postgres://context@db/ledger" };

test("The flag wins over the environment, and that over the context", () => {
  const environment = { CCFCTL_DATABASE_URL: "postgres://auditor:secret@db/ledger" };
  assert.equal(
    resolveDatabaseUrl("postgres://flag@db/ledger", environment, context),
    "postgres://flag@db/ledger",
  );
  assert.equal(
    resolveDatabaseUrl(undefined, environment, context),
    environment.CCFCTL_DATABASE_URL,
  );
  assert.equal(resolveDatabaseUrl(undefined, {}, context), context.databaseUrl);
});

for (const url of [
  "postgres://auditor:secret@db/ledger",
  "postgresql://auditor:secret@db:5432/ledger",
  "postgres://db/ledger?user=a&password=secret",
  "host=db password=secret",
]) {
  test(`A password on the command line is refused: ${url.replace("secret", "…")}`, () => {
    assert.throws(
      () => resolveDatabaseUrl(url, {}, context),
      (error) => {
        assert.ok(isAppError(error, "SECRET_ON_COMMAND_LINE"));
        assert.doesNotMatch(error.message, /secret@|=secret/);
        return true;
      },
    );
  });
}

test("Without any, the way to give one is named", () => {
  assert.throws(
    () => resolveDatabaseUrl(undefined, {}, EMPTY_CONTEXT),
    (error) => isAppError(error, "DATABASE_NOT_CONFIGURED"),
  );
});
