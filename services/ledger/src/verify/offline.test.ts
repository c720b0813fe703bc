// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { it } from "node:test";

it("The offline door loads neither PostgreSQL nor gRPC", async () => {
  const offline = await import("../offline.js");
  assert.equal(typeof offline.verifyLedgerDirectory, "function");
  // Both are CommonJS, so they show in its cache however they were imported.
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  assert.deepEqual(
    loaded.filter((path) => /node_modules\/(@grpc|pg|pg-[a-z-]+)\//.test(path)),
    [],
  );
});
