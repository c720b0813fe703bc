// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { temporaryFolder } from "../harness/temporary-folder.js";
import { commandFolder, requireCcf, requireGrpcurl } from "../harness/tools.js";
import { executeTutorial, TUTORIAL } from "../harness/tutorial.js";

test("The tutorial says what happens with other people's tools too", async () => {
  const [ccf, grpcurl] = await Promise.all([requireCcf(), requireGrpcurl()]);
  await using folder = await temporaryFolder("tools");
  const path = await commandFolder(folder.path, {
    python: [...ccf.prefix, "python"],
    grpcurl: grpcurl.prefix,
  });
  const tools = new Map([
    ["python-ccf", { path }],
    ["grpcurl", { path }],
  ]);
  assert.deepEqual(await executeTutorial(TUTORIAL, { tools }), []);
});
