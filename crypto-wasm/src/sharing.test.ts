// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { hkdfSync } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { combineShares, CryptoError, deriveWrappingKey, splitSecret } from "./index.js";
import { toHex } from "./test-bytes.js";

const PRIME = 2n ** 31n - 1n;

function invalid(error: unknown): boolean {
  return error instanceof CryptoError && error.code === "INVALID_SHARE";
}

function words(share: Uint8Array): bigint[] {
  const view = new DataView(share.buffer, share.byteOffset, share.length);
  return Array.from({ length: 11 }, (_, index) => BigInt(view.getUint32(index * 4, true)));
}

function shareOf(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

function modulo(value: bigint): bigint {
  return ((value % PRIME) + PRIME) % PRIME;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [b, e] = [modulo(base), exponent]; e > 0n; [b, e] = [(b * b) % PRIME, e >> 1n]) {
    if (e & 1n) result = (result * b) % PRIME;
  }
  return result;
}

/** The slow definition: Lagrange at 0 with big integers. */
function interpolate(shares: readonly Uint8Array[], limb: number): bigint {
  const points = shares.map(words);
  return points.reduce((sum, point, i) => {
    const weight = points.reduce((product, other, j) => {
      if (i === j) return product;
      return modulo(product * other[0]! * power(other[0]! - point[0]!, PRIME - 2n));
    }, 1n);
    return modulo(sum + weight * point[limb + 1]!);
  }, 0n);
}

test("any threshold of the shares gives the secret back, in any order", () => {
  const cases = fc.integer({ min: 1, max: 8 }).chain((count) =>
    fc.record({
      count: fc.constant(count),
      threshold: fc.integer({ min: 1, max: count }),
      order: fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
    }),
  );
  fc.assert(
    fc.property(cases, ({ count, threshold, order }) => {
      const { secret, shares } = splitSecret({ threshold, count });
      const chosen = order.slice(0, threshold).map((index) => shares[index]!);
      assert.deepEqual(combineShares(chosen), secret);
      for (let limb = 0; limb < 10; limb++)
        assert.equal(words(secret)[limb + 1], interpolate(chosen, limb));
    }),
  );
});

test("more shares than the threshold give the secret too", () => {
  const { secret, shares } = splitSecret({ threshold: 2, count: 5 });
  assert.deepEqual(combineShares(shares), secret);
  assert.deepEqual(combineShares([secret]), secret);
  assert.deepEqual(combineShares([secret, shares[0]!]), secret);
});

test("fewer shares than the threshold do not give the secret", () => {
  const { secret, shares } = splitSecret({ threshold: 3, count: 5 });
  assert.notDeepEqual(combineShares(shares.slice(0, 2)), secret);
});

test("shares are numbered from 1, limbs are field elements, and threshold 1 gives everyone the secret's limbs", () => {
  const { secret, shares } = splitSecret({ threshold: 1, count: 3 });
  assert.deepEqual(
    [secret, ...shares].map((share) => words(share)[0]),
    [0n, 1n, 2n, 3n],
  );
  for (const share of shares) assert.deepEqual(share.subarray(4), secret.subarray(4));
  for (const word of words(secret)) assert.ok(word < PRIME);
});

test("two splits have nothing in common", () => {
  const [first, second] = [
    splitSecret({ threshold: 2, count: 2 }),
    splitSecret({ threshold: 2, count: 2 }),
  ];
  assert.notDeepEqual(first.secret, second.secret);
  assert.notDeepEqual(first.shares[0], second.shares[0]);
});

test("values at or above the prime are reduced, as all implementations of the scheme do", () => {
  const p = Number(PRIME);
  const [low, high] = [
    shareOf(1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    shareOf(1, p, p + 1, p + 2, 3, 4, 5, 6, 7, 8, 9),
  ];
  const other = shareOf(2, 9, 8, 7, 6, 5, 4, 3, 2, 1, 2 ** 32 - 1);
  assert.deepEqual(combineShares([high, other]), combineShares([low, other]));
  for (let limb = 0; limb < 10; limb++) {
    assert.equal(words(combineShares([high, other]))[limb + 1], interpolate([high, other], limb));
  }
});

test("shares with one x are refused, also when they are equal only in the field", () => {
  const { shares } = splitSecret({ threshold: 2, count: 3 });
  const zero = Array<number>(10).fill(0);
  assert.throws(() => combineShares([shares[0]!, shares[0]!]), invalid);
  assert.throws(
    () => combineShares([shareOf(1, ...zero), shareOf(Number(PRIME) + 1, ...zero)]),
    invalid,
  );
});

test("the wrapping key is HKDF of the limbs, with the limbs as info", () => {
  const { secret } = splitSecret({ threshold: 1, count: 1 });
  const limbs = secret.subarray(4);
  const expected = Buffer.from(hkdfSync("sha256", limbs, new Uint8Array(), limbs, 32)).toString(
    "hex",
  );
  assert.equal(toHex(deriveWrappingKey(secret)), expected);
});

test("sharing refuses arguments of another kind or size", () => {
  assert.throws(() => splitSecret({ threshold: 0, count: 1 }), RangeError);
  assert.throws(() => splitSecret({ threshold: 3, count: 2 }), RangeError);
  assert.throws(() => splitSecret({ threshold: 1, count: 65537 }), RangeError);
  assert.throws(() => splitSecret({ threshold: "1" as unknown as number, count: 2 }), TypeError);
  assert.throws(() => combineShares([]), RangeError);
  assert.throws(() => combineShares([new Uint8Array(43)]), RangeError);
  assert.throws(() => combineShares(new Uint8Array(44) as unknown as Uint8Array[]), TypeError);
  assert.throws(() => deriveWrappingKey(new Uint8Array(40)), RangeError);
});
