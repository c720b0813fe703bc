// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { AesGcmKey, aesGcmOpen, aesGcmSeal } from "./index.js";
import { bitFlips, bytes, hex, toHex, utf8 } from "./test-bytes.js";

const KEY = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
const IV = hex("cafebabefacedbaddecaf888");

test("AES-256-GCM gives test case 16 of the GCM specification", () => {
  const plaintext = hex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
  );
  const sealed = aesGcmSeal(KEY, IV, hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"), plaintext);
  assert.equal(
    toHex(sealed),
    "76fc6ece0f4e1768cddf8853bb2d551b" +
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
  );
});

test("AES-256-GCM agrees with node:crypto on both sides of the hand-over", () => {
  const text = fc.oneof(bytes(0, 400), bytes(1990, 2200));
  fc.assert(
    fc.property(bytes(32, 32), bytes(12, 12), bytes(0, 100), text, (key, iv, aad, plaintext) => {
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(aad);
      const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      const expected = Buffer.concat([cipher.getAuthTag(), ciphertext]).toString("hex");
      const sealed = aesGcmSeal(key, iv, aad, plaintext);
      assert.equal(toHex(sealed), expected);
      assert.deepEqual(aesGcmOpen(key, iv, aad, sealed), plaintext);
    }),
  );
});

test("opening notices every bit that was turned", () => {
  const [aad, plaintext] = [utf8("additional"), utf8("plaintext")];
  const sealed = aesGcmSeal(KEY, IV, aad, plaintext);
  for (const changed of bitFlips(sealed))
    assert.equal(aesGcmOpen(KEY, IV, aad, changed), undefined);
  for (const changed of bitFlips(aad))
    assert.equal(aesGcmOpen(KEY, IV, changed, sealed), undefined);
  for (const changed of bitFlips(IV))
    assert.equal(aesGcmOpen(KEY, changed, aad, sealed), undefined);
  for (const changed of bitFlips(KEY))
    assert.equal(aesGcmOpen(changed, IV, aad, sealed), undefined);
});

test("opening notices a change in a message that node:crypto opens", () => {
  const sealed = aesGcmSeal(KEY, IV, new Uint8Array(), new Uint8Array(5000));
  for (const at of [0, 15, 16, 5015]) {
    const changed = Uint8Array.from(sealed);
    changed[at]! ^= 1;
    assert.equal(aesGcmOpen(KEY, IV, new Uint8Array(), changed), undefined);
  }
});

test("opening something shorter than a tag fails without an error", () => {
  for (const length of [0, 1, 15]) {
    assert.equal(aesGcmOpen(KEY, IV, new Uint8Array(), new Uint8Array(length)), undefined);
  }
});

test("AES-256-GCM refuses arguments of another kind or size", () => {
  const none = new Uint8Array();
  assert.throws(() => aesGcmSeal(new Uint8Array(31), IV, none, none), RangeError);
  assert.throws(() => aesGcmSeal(KEY, new Uint8Array(16), none, none), RangeError);
  assert.throws(() => aesGcmOpen(KEY, IV, none, "00" as unknown as Uint8Array), TypeError);
});

test("a disposed key does nothing any more", () => {
  const key = new AesGcmKey(KEY);
  key.dispose();
  key.dispose();
  assert.throws(() => key.seal(IV, new Uint8Array(), new Uint8Array()), /disposed/);
  assert.throws(() => key.open(IV, new Uint8Array(), new Uint8Array(16)), /disposed/);
});
