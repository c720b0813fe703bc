// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createECDH } from "node:crypto";
import { test } from "node:test";
import { CryptoError, EcdhKeyPair } from "./index.js";
import { toHex } from "./test-bytes.js";

test("both sides of an exchange get the same secret, node:crypto's side too", () => {
  using ours = EcdhKeyPair.generate();
  using theirs = EcdhKeyPair.generate();
  const native = createECDH("secp384r1");
  native.generateKeys();
  assert.equal(ours.publicPoint().length, 97);
  assert.deepEqual(
    ours.sharedSecret(theirs.publicPoint()),
    theirs.sharedSecret(ours.publicPoint()),
  );
  assert.equal(
    toHex(ours.sharedSecret(new Uint8Array(native.getPublicKey()))),
    native.computeSecret(ours.publicPoint()).toString("hex"),
  );
});

test("every exchange draws another pair", () => {
  using first = EcdhKeyPair.generate();
  using second = EcdhKeyPair.generate();
  assert.notDeepEqual(first.publicPoint(), second.publicPoint());
});

test("a peer's point that is no uncompressed point on the curve is refused", () => {
  using ours = EcdhKeyPair.generate();
  using theirs = EcdhKeyPair.generate();
  const point = theirs.publicPoint();
  const offCurve = Uint8Array.from(point);
  offCurve[96]! ^= 1;
  const compressed = Uint8Array.from([2 + (point[96]! & 1), ...point.subarray(1, 49)]);
  const hybrid = Uint8Array.from([6 + (point[96]! & 1), ...point.subarray(1)]);
  const bad = [
    new Uint8Array(),
    new Uint8Array(1),
    new Uint8Array(97),
    offCurve,
    compressed,
    hybrid,
  ];
  for (const peer of [...bad, point.subarray(0, 96), Uint8Array.from([...point, 0])]) {
    assert.throws(
      () => ours.sharedSecret(peer),
      (error) => error instanceof CryptoError && error.code === "INVALID_KEY",
    );
  }
});

test("a scalar outside the range of the curve is refused", () => {
  assert.throws(() => EcdhKeyPair.fromScalar(new Uint8Array(48)), CryptoError);
  assert.throws(() => EcdhKeyPair.fromScalar(new Uint8Array(48).fill(255)), CryptoError);
  assert.throws(() => EcdhKeyPair.fromScalar(new Uint8Array(47)), RangeError);
});

test("a disposed pair does nothing any more", () => {
  const pair = EcdhKeyPair.generate();
  pair.dispose();
  assert.throws(() => pair.publicPoint(), /disposed/);
});
