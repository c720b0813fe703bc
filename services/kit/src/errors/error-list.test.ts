// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { postgresErrors } from "../postgres/errors.js";
import { kitErrors } from "./kit-errors.js";

describe("ERRORS.md", () => {
  const text = readFileSync(new URL("../../ERRORS.md", import.meta.url), "utf8");
  const listed = new Map(
    [...text.matchAll(/^\| `([A-Z0-9_]+)` +\| (\w+)/gm)].map(([, code, category]) => [
      code,
      category,
    ]),
  );

  it("lists every code of this package with its category", () => {
    for (const [code, category] of Object.entries({
      ...kitErrors.table,
      ...postgresErrors.table,
    })) {
      assert.equal(listed.get(code), category, code);
    }
  });
});
