// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAppError } from "@consortium/kit";
import fc from "fast-check";
import { decodeText, parseStrictJson } from "./strict-json.js";

const REFUSED: readonly (readonly [name: string, text: string, problem: RegExp])[] = [
  ["nothing", "", /expected a value/],
  ["a word", "yes", /expected a value/],
  ["two values", "1 2", /something follows/],
  ["an open object", '{"a":1', /expected a comma or }/],
  ["an open string", '"a', /does not end/],
  ["a comma too many", "[1,]", /expected a value/],
  ["a name without quotes", "{a:1}", /expected a string/],
  ["a name twice", '{"a":1,"a":2}', /"a" stands twice/],
  ["a name twice, written differently", '{"a":1,"\\u0061":2}', /"a" stands twice/],
  ["a name twice, deep inside", '[{"x":{"b":1,"b":1}}]', /"b" stands twice/],
  ["__proto__", '{"__proto__":{}}', /__proto__ is not allowed/],
  ["__proto__ in escapes", '{"\\u005f_proto__":{}}', /__proto__ is not allowed/],
  ["an integer beyond 2^53", "9007199254740993", /beyond what JSON readers keep/],
  ["an integer far below", "-1e300", /beyond what JSON readers keep/],
  ["infinity", "1e999", /beyond what JSON readers keep/],
  ["a leading zero", "01", /something follows/],
  ["a control character", '"a\u0001"', /control character/],
  ["an unknown escape", '"\\x41"', /unknown escape/],
  ["65 levels", "[".repeat(66) + "]".repeat(66), /nested deeper/],
  ["100000 levels", "[".repeat(100_000), /nested deeper/],
  ["a comment", "/* */1", /expected a value/],
  ["a byte order mark", "\ufeff1", /expected a value/],
];

describe("strict JSON", () => {
  for (const [name, text, problem] of REFUSED) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => parseStrictJson(text),
        (error) => isAppError(error, "INVALID_INPUT") && problem.test(error.message),
      );
    });
  }

  it("reads every other JSON as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        try {
          assert.deepEqual(parseStrictJson(text), JSON.parse(text));
        } catch (error) {
          assert.ok(isAppError(error, "INVALID_INPUT"));
          assert.match(error.message, /__proto__|beyond what|stands twice/);
        }
      }),
    );
  });

  it("refuses what JSON.parse refuses", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        if (!isJson) assert.throws(() => parseStrictJson(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it("reads a string of a megabyte", () => {
    const text = JSON.stringify({ ballot: "é\n".repeat(500_000) });
    assert.deepEqual(parseStrictJson(text), JSON.parse(text));
  });

  it("refuses a payload that is not UTF-8", () => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      assert.throws(
        () => decodeText(Uint8Array.from(bytes)),
        (error) => isAppError(error, "INVALID_INPUT"),
      );
    }
  });
});
