// SPDX-License-Identifier: Apache-2.0
import { test } from "node:test";
import { executeTutorial, TUTORIAL } from "../harness/tutorial.js";

test("The tutorial says what happens", async (t) => {
  const skipped = await executeTutorial(TUTORIAL, { tools: new Map() });
  for (const { needs, section } of skipped) t.diagnostic(`"${section}" needs ${needs}`);
});
