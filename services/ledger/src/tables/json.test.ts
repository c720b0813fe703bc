// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  canonicalJson,
  decodeBase64,
  decodeHex,
  decodeJson,
  encodeJson,
  type JsonValue,
} from "./json.js";

describe("canonicalJson", () => {
  it("sorts names bytewise, even those that look like numbers", () => {
    assert.equal(
      canonicalJson({ b: 1, "10": 2, "9": 3, a: { d: [], c: null } }),
      '{"10":2,"9":3,"a":{"c":null,"d":[]},"b":1}',
    );
  });

  it("leaves out absent members and keeps text outside ASCII as it is", () => {
    assert.equal(canonicalJson({ a: undefined, é: "ü\n" }), '{"é":"ü\\n"}');
  });

  it("refuses numbers that JSON cannot say", () => {
    assert.throws(() => canonicalJson(Number.NaN), RangeError);
  });

  it("is read back as the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false } as never), (value) => {
        const text = JSON.stringify(value);
        assert.deepEqual(decodeJson(encodeJson(JSON.parse(text) as JsonValue)), JSON.parse(text));
      }),
    );
  });
});

describe("decodeBase64", () => {
  it("takes only the one padded form", () => {
    assert.deepEqual([...(decodeBase64("AQI=") ?? [])], [1, 2]);
    for (const text of ["AQI", "AQJ=", "AQ I=", "AQI=\n", "-_8=", "====", "AQI=AQI="]) {
      assert.equal(decodeBase64(text), undefined, text);
    }
  });
});

describe("decodeHex", () => {
  it("takes lower-case digits of the right count", () => {
    assert.deepEqual([...(decodeHex("00ff", 2) ?? [])], [0, 255]);
    for (const text of ["00FF", "00f", "00ff00", "00fg", "", " 0ff"]) {
      assert.equal(decodeHex(text, 2), undefined, text);
    }
  });
});
