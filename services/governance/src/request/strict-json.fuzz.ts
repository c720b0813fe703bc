// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz, pick } from "@consortium/crypto-wasm/testing";
import { isAppError } from "@consortium/kit";
import { mutateJson } from "../testing/mutate-json.js";
import { parseStrictJson } from "./strict-json.js";

const TEXTS = [
  '{"actions":[{"name":"set_recovery_threshold","args":{"recovery_threshold":2}}]}',
  '{"actions":[{"name":"set_user","args":{"cert":"-----BEGIN\\n","user_data":{"a":[1,2.5e3,null]}}}]}',
  '{ "ballot" : "export function vote (p, id) { return true }\\u0020" }',
  '[true,false,null,-1,0,1.5,"\\"\\\\\\/\\b\\f\\n\\r\\t","\\u00e9é",{},[[[]]],{"":{"":0}}]',
];

test("changed JSON is read as everybody reads it, or refused as INVALID_INPUT", async (t) => {
  const outcomes = await fuzz(t, { cases: 1_000_000 }, (random) => {
    const text = mutateJson(pick(random, TEXTS), random);
    let value: unknown;
    try {
      value = parseStrictJson(text);
    } catch (error) {
      assert.ok(isAppError(error, "INVALID_INPUT"), String(error));
      return isJson(text) ? "refused, though JSON" : "refused";
    }
    // Written again it says the same: no name was lost, no number rounded to another.
    const again = JSON.stringify(value);
    assert.equal(JSON.stringify(parseStrictJson(again)), again);
    return "read";
  });
  for (const outcome of ["read", "refused", "refused, though JSON"])
    assert.ok((outcomes.get(outcome) ?? 0) > 0, outcome);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
