// SPDX-License-Identifier: Apache-2.0

/** A small seeded generator (mulberry32): a failure can be repeated from its seed. */
export function seededRandom(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** Lengths, versions and types an attacker would try. */
const TELLING = [0, 1, 2, 3, 7, 8, 96, 97, 98, 255, 256, 65_536, 2 ** 31, 2 ** 32, 2 ** 53];

/** A valid message with one to three changes of the kinds that break decoders. */
export function mutate(valid: Uint8Array, random: (bound: number) => number): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(valid);
  for (let changes = 1 + random(3); changes > 0; changes -= 1) {
    bytes = change(bytes, random);
  }
  return bytes;
}

function change(bytes: Uint8Array, random: (bound: number) => number): Uint8Array {
  const at = random(bytes.length + 1);
  switch (random(6)) {
    case 0: {
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      return bytes;
    }
    case 1:
      return bytes.slice(0, at);
    case 2:
      return Uint8Array.from([...bytes, ...Array.from({ length: random(9) }, () => random(256))]);
    case 3: {
      // A 64-bit field, as often as not a length.
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const aligned = at - (at % 8);
      if (aligned + 8 <= bytes.length) {
        view.setBigUint64(aligned, BigInt(TELLING[random(TELLING.length)] ?? 0), true);
      }
      return bytes;
    }
    case 4: {
      const end = Math.min(bytes.length, at + random(40));
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(end)]);
    }
    default: {
      const end = Math.min(bytes.length, at + random(40));
      return Uint8Array.from([...bytes.subarray(0, end), ...bytes.subarray(at)]);
    }
  }
}
