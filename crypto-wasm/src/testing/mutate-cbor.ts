// SPDX-License-Identifier: Apache-2.0
import { type CborItem, writeCbor } from "./cbor-item.js";
import { pick, type Random } from "./random.js";

/** Numbers, lengths, tags and labels that somebody who attacks would try. */
const TELLING: readonly bigint[] = [
  0n,
  1n,
  2n,
  4n,
  5n,
  6n,
  15n,
  18n,
  23n,
  24n,
  33n,
  34n,
  37n,
  255n,
  256n,
  390n,
  395n,
  65_535n,
  65_536n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const WIDTHS = [0, 1, 2, 4, 8];

/**
 * For tests: a well-formed message with one to four changes of its structure, of the kinds that
 * break decoders, and now and then a change of the bytes that come of it.
 */
export function mutateCbor(valid: CborItem, random: Random): Uint8Array {
  const root = copy(valid);
  for (let changes = pick(random, [1, 1, 2, 4]); changes > 0; changes -= 1) change(root, random);
  const bytes = writeCbor(root);
  return random(4) === 0 ? mutateBytes(bytes, random) : bytes;
}

/** For tests: bytes with one bit turned, cut, longer, or with a part missing or repeated. */
export function mutateBytes(valid: Uint8Array, random: Random): Uint8Array {
  const bytes = Uint8Array.from(valid);
  const at = random(bytes.length + 1);
  const end = Math.min(bytes.length, at + random(12));
  switch (random(5)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return join(bytes, randomBytes(1 + random(8), random));
    case 2:
      return join(bytes.subarray(0, at), bytes.subarray(end));
    case 3:
      return join(bytes.subarray(0, end), bytes.subarray(at));
    default: {
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      return bytes;
    }
  }
}

function change(root: CborItem, random: Random): void {
  const item = pick(random, allOf(root, []));
  const { items } = item;
  switch (random(10)) {
    case 0:
      item.value = pick(random, TELLING);
      return;
    case 1:
      item.width = pick(random, WIDTHS);
      return;
    case 2:
      item.claimed = pick(random, TELLING);
      return;
    case 3:
      item.open = true;
      return;
    case 4:
      item.major = random(8);
      return;
    case 5:
      if (items !== undefined) changeItems(items, random);
      return;
    case 6:
      Object.assign(item, { bytes: undefined, items: undefined, width: undefined }, anItem(random));
      return;
    case 7: {
      const inner = { ...item };
      Object.assign(item, { bytes: undefined, width: undefined }, wrap(inner, random));
      return;
    }
    default:
      if (item.bytes !== undefined) item.bytes = mutateBytes(item.bytes, random);
  }
}

/** Takes some away, repeats or exchanges them; a name of a map may come to stand twice. */
function changeItems(items: CborItem[], random: Random): void {
  const at = random(items.length + 1);
  const some = items.slice(at, at + 1 + random(3)).map(copy);
  const action = random(4);
  if (action === 0) items.splice(at, some.length);
  else if (action === 1) items.splice(random(items.length + 1), 0, ...some);
  else if (action === 2) items.splice(at, some.length, ...some.toReversed());
  else items.splice(at, 0, anItem(random), anItem(random));
}

function anItem(random: Random): CborItem {
  const major = random(8);
  const value = pick(random, TELLING);
  if (major === 2 || major === 3) return { major, value, bytes: randomBytes(random(40), random) };
  if (major === 4 || major === 5) return { major, value, items: [] };
  if (major === 6) return { major, value, items: [{ major: 0, value: 1n }] };
  return { major, value, width: pick(random, WIDTHS) };
}

/** Arrays, tags or byte strings around it, few or more than anybody allows. */
function wrap(inner: CborItem, random: Random): CborItem {
  const major = pick(random, [2, 4, 6]);
  let wrapped = inner;
  for (let depth = pick(random, [1, 2, 15, 16, 17, 80]); depth > 0; depth -= 1)
    wrapped = { major, value: 1n, items: [wrapped] };
  return wrapped;
}

function allOf(item: CborItem, found: CborItem[]): CborItem[] {
  found.push(item);
  for (const inner of item.items ?? []) allOf(inner, found);
  return found;
}

function copy(item: CborItem): CborItem {
  return item.items === undefined ? { ...item } : { ...item, items: item.items.map(copy) };
}

function randomBytes(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => random(256));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}
