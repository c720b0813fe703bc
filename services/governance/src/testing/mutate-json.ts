// SPDX-License-Identifier: Apache-2.0
import { pick, type Random } from "@consortium/crypto-wasm/testing";

/** What JSON must not have, or what one reader takes and another does not. */
const TELLING = [
  ...String.raw`{ } [ ] , : " \ \u0000 \ud800 \x // /**/ ' ÿ 𝒳 null nul True NaN Infinity`.split(
    " ",
  ),
  ...String.raw`9007199254740993 1e999 -0 01 1. .5 +1 1e-400 "a":1,"a":2 "toString":0`.split(" "),
  String.raw`"__proto__":{}`,
  String.raw`"\u005f_proto__":1`,
  "[".repeat(70),
  '{"a":'.repeat(70),
  "\r\n\t",
  "\u0000",
  "\u2028",
  "\uFEFF",
];

/** For tests: JSON text with one to three changes. It may still be JSON. */
export function mutateJson(text: string, random: Random): string {
  let changed = text;
  for (let changes = 1 + random(3); changes > 0; changes -= 1) changed = change(changed, random);
  return changed;
}

function change(text: string, random: Random): string {
  const at = random(text.length + 1);
  const end = Math.min(text.length, at + 1 + random(8));
  switch (random(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(end);
    case 2:
      return text.slice(0, end) + text.slice(at);
    case 3:
      return text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at + 1);
    default:
      return text.slice(0, at) + pick(random, TELLING) + text.slice(random(2) === 0 ? at : end);
  }
}
