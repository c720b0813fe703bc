// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  coseAlgorithm,
  coseSign1Parse,
  coseSign1Sign,
  coseSign1Verify,
  coseSigStructure,
  CryptoError,
  SigningKey,
  VerifyingKey,
} from "./index.js";
import { bitFlips, bytes, hex, toHex, utf8 } from "./test-bytes.js";

const ES384 = hex("a1013822");
const ES256 = hex("a10126");

function malformed(error: unknown): boolean {
  return error instanceof CryptoError && error.code === "MALFORMED_COSE";
}

test("a ledger's root signature verifies with the service key and the root as detached payload", () => {
  const file = new URL("../testdata/ledger.json", import.meta.url);
  const ledger = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  const message = coseSign1Parse(hex(ledger["coseSignature16"] ?? ""));
  using key = VerifyingKey.fromSpki(hex(ledger["serviceKeySpki"] ?? ""));
  assert.equal(message.payload, null);
  assert.equal(toHex(message.unprotectedHeader), "a0");
  assert.equal(coseAlgorithm(message.protectedHeader), -35);
  assert.ok(toHex(message.protectedHeader).startsWith("a5013822045840"));
  assert.ok(coseSign1Verify(message, hex(ledger["root16"] ?? ""), key));
  assert.ok(!coseSign1Verify(message, hex(ledger["root46"] ?? ""), key));
  assert.ok(!coseSign1Verify(message, undefined, key));
});

test("what is signed is read back and verifies, embedded and detached, with both curves", () => {
  fc.assert(
    fc.property(bytes(0, 400), fc.boolean(), fc.boolean(), (payload, detached, p384) => {
      using key = SigningKey.generate(p384 ? "Secp384R1" : "Secp256R1");
      using ours = VerifyingKey.fromSpki(key.publicKeySpki());
      const header = p384 ? ES384 : ES256;
      const message = coseSign1Parse(coseSign1Sign(key, header, payload, { detached }));
      assert.deepEqual(message.protectedHeader, header);
      assert.deepEqual(message.payload, detached ? null : payload);
      assert.ok(coseSign1Verify(message, detached ? payload : undefined, ours));
      assert.ok(!coseSign1Verify(message, detached ? undefined : payload, ours));
    }),
    { numRuns: 20 },
  );
});

test("the structure that is signed is that of RFC 9052", () => {
  const structure = coseSigStructure(ES256, utf8("payload"));
  assert.equal(toHex(structure), `846a5369676e61747572653143a101264047${toHex(utf8("payload"))}`);
  const long = coseSigStructure(new Uint8Array(), new Uint8Array(70000));
  assert.ok(toHex(long).startsWith("846a5369676e61747572653140405a00011170"));
});

test("a turned bit anywhere makes a message malformed or its signature false", () => {
  using key = SigningKey.generate("Secp256R1");
  using ours = VerifyingKey.fromSpki(key.publicKeySpki());
  const signed = coseSign1Sign(key, ES256, utf8("payload"), { detached: false });
  for (const changed of bitFlips(signed)) {
    let genuine = false;
    try {
      genuine = coseSign1Verify(coseSign1Parse(changed), undefined, ours);
    } catch (error) {
      assert.ok(malformed(error));
    }
    // The unprotected header is outside the signature, but not even an empty map of another length fits.
    assert.ok(!genuine, toHex(changed));
  }
});

test("a header that names another algorithm than the key's neither signs nor verifies", () => {
  using key = SigningKey.generate("Secp384R1");
  using ours = VerifyingKey.fromSpki(key.publicKeySpki());
  const payload = utf8("p");
  for (const header of [ES256, hex("a0"), new Uint8Array(), hex("a101 65 4553333834")]) {
    assert.throws(() => coseSign1Sign(key, header, payload, { detached: false }), malformed);
    const signature = key.sign(coseSigStructure(header, payload));
    const forged = { protectedHeader: header, unprotectedHeader: hex("a0"), payload, signature };
    assert.equal(coseSign1Verify(forged, undefined, ours), false);
  }
});

test("headers with any well-formed values are read", () => {
  const header = hex(
    "a6 01 3822 04 58026162 19018b 02 0f a1061a68246497 6474657874 f5 6363c3b6 83f64101fb3ff0000000000000",
  );
  assert.equal(coseAlgorithm(header), -35);
  assert.equal(coseAlgorithm(hex("a101 65 4553323536")), undefined);
});

const SIGNATURE = `5840${"00".repeat(64)}`;
const BAD_MESSAGES: readonly [string, string][] = [
  ["nothing", ""],
  ["no tag", `8443a10126a040${SIGNATURE}`],
  ["another tag", `d18443a10126a040${SIGNATURE}`],
  ["a tag inside a tag", `d2d28443a10126a040${SIGNATURE}`],
  ["not an array", "d2a0"],
  ["three parts", `d28343a10126a0${SIGNATURE}`],
  ["five parts", `d28543a10126a040${SIGNATURE}40`],
  ["an array of indefinite length", `d29f43a10126a040${SIGNATURE}ff`],
  ["a byte after the message", `d28443a10126a040${SIGNATURE}00`],
  ["a protected header that is no byte string", `d284a10126a040${SIGNATURE}`],
  ["a protected header of indefinite length", `d2845f43a10126ffa040${SIGNATURE}`],
  ["a protected header that is no map", `d2844101a040${SIGNATURE}`],
  ["a protected header with a byte after its map", `d28444a1012600a040${SIGNATURE}`],
  ["a protected map of indefinite length", `d28444bf0126ffa040${SIGNATURE}`],
  ["a protected map cut short", `d28442a101a040${SIGNATURE}`],
  ["a protected label twice", `d28445a201260126a040${SIGNATURE}`],
  ["a protected label twice in two encodings", `d28446a20126180126a040${SIGNATURE}`],
  ["a label that is a byte string", `d28444a1410126a040${SIGNATURE}`],
  ["an algorithm that is a map", `d28443a101a0a040${SIGNATURE}`],
  ["an algorithm beyond 64 bits", `d2844ba1013bffffffffffffffffa040${SIGNATURE}`],
  ["an unprotected header that is a byte string", `d28443a101264040${SIGNATURE}`],
  ["an unprotected map of indefinite length", `d28443a10126bfff40${SIGNATURE}`],
  ["an unprotected label twice", `d28443a10126a20400040040${SIGNATURE}`],
  ["a label in both headers", `d28443a10126a1012640${SIGNATURE}`],
  ["a payload that is text", `d28443a10126a060${SIGNATURE}`],
  ["a payload that is undefined", `d28443a10126a0f7${SIGNATURE}`],
  ["a payload of indefinite length", `d28443a10126a05fff${SIGNATURE}`],
  ["a payload longer than the message", `d28443a10126a05affffffff${SIGNATURE}`],
  ["a payload of 2^64 bytes", `d28443a10126a05bffffffffffffffff${SIGNATURE}`],
  ["a signature that is null", "d28443a10126a040f6"],
  ["no signature", "d28443a10126a040"],
  ["a map with 2^64 - 1 pairs", `d28443a10126bbffffffffffffffff40${SIGNATURE}`],
  ["an array with 2^64 - 1 items as value", `d28443a10126a1049bffffffffffffffff40${SIGNATURE}`],
  ["text that is not UTF-8", `d28443a10126a10461ff40${SIGNATURE}`],
  ["a reserved initial byte", `d28443a10126a1041c40${SIGNATURE}`],
  ["a break out of place", `d28443a10126a104ff40${SIGNATURE}`],
  [
    "more labels than a header can need",
    `d28443a10126b9012c${Array.from({ length: 300 }, (_, at) => `19${(1000 + at).toString(16).padStart(4, "0")}00`).join("")}40${SIGNATURE}`,
  ],
  ["values nested beyond the limit", `d28443a10126a104${"81".repeat(100)}0040${SIGNATURE}`],
  ["tags nested beyond the limit", `d28443a10126a104${"c1".repeat(100)}0040${SIGNATURE}`],
];

for (const [what, message] of BAD_MESSAGES) {
  test(`a message is refused for ${what}`, () => {
    assert.throws(() => coseSign1Parse(hex(message)), malformed);
  });
}

test("a very deep message is refused without exhausting the stack", () => {
  const deep = hex(`d28443a10126a104${"81".repeat(1_000_000)}`);
  assert.throws(() => coseSign1Parse(deep), malformed);
});

test("every shortened message is refused", () => {
  using key = SigningKey.generate("Secp256R1");
  const signed = coseSign1Sign(key, ES256, utf8("payload"), { detached: false });
  for (let length = 0; length < signed.length; length++) {
    assert.throws(() => coseSign1Parse(signed.subarray(0, length)), malformed);
  }
});

test("arbitrary bytes are read or refused, and nothing else", () => {
  const nearly = bytes(0, 60).map((tail) => Uint8Array.from([0xd2, 0x84, ...tail]));
  fc.assert(
    fc.property(fc.oneof(bytes(0, 100), nearly), (message) => {
      try {
        coseSign1Parse(message);
      } catch (error) {
        assert.ok(malformed(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("COSE functions refuse arguments of another kind", () => {
  assert.throws(() => coseSign1Parse("d2" as unknown as Uint8Array), TypeError);
  assert.throws(
    () => coseSign1Sign({} as SigningKey, ES256, ES256, { detached: false }),
    TypeError,
  );
  assert.throws(() => coseSigStructure(ES256, null as unknown as Uint8Array), TypeError);
});
