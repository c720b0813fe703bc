// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { coseAlgorithm, type CoseSign1, coseSign1Parse, CryptoError } from "./index.js";
import { hex } from "./test-bytes.js";
import {
  type CborItem,
  fuzz,
  mutateBytes,
  mutateCbor,
  pick,
  readCbor,
  writeCbor,
} from "./testing/index.js";

const SIGNATURE = `5840${"00".repeat(64)}`;
const HEADER =
  "a6 01 3822 04 426162 19018b02 0f a1061a68246497 6474657874 f5 626e6f 83f64101fb3ff0000000000000";
const MESSAGES: readonly Uint8Array[] = [
  signatureOfALedger(),
  hex(`d28443a10126a04568656c6c6f${SIGNATURE}`),
  hex(`d28443a10126a204412119018bf640${SIGNATURE}`),
  Buffer.concat([
    hex("d284"),
    writeCbor({ major: 2, value: 0n, bytes: hex(HEADER) }),
    hex(`a10481a10082f502f6${SIGNATURE}`),
  ]),
];

function signatureOfALedger(): Uint8Array {
  const file = new URL("../testdata/ledger.json", import.meta.url);
  const ledger = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  return hex(ledger["coseSignature16"] ?? "");
}

/** The shortest bytes that say this, but for the unprotected header, which is given as it came. */
function rebuilt({ protectedHeader, payload, signature, ...message }: CoseSign1): Buffer {
  const string = (bytes: Uint8Array): CborItem => ({ major: 2, value: 0n, bytes });
  return Buffer.concat([
    hex("d284"),
    writeCbor(string(protectedHeader)),
    message.unprotectedHeader,
    payload === null ? hex("f6") : writeCbor(string(payload)),
    writeCbor(string(signature)),
  ]);
}

test("a changed COSE message is read, and read the same when written again, or refused", async (t) => {
  const items = MESSAGES.map(readCbor);
  for (const [index, item] of items.entries())
    assert.deepEqual(Buffer.from(writeCbor(item)), Buffer.from(MESSAGES[index] ?? []));
  const outcomes = await fuzz(t, { cases: 1_000_000 }, (random) => {
    const at = random(items.length);
    const message =
      random(8) === 0
        ? mutateBytes(MESSAGES[at] ?? new Uint8Array(), random)
        : mutateCbor(pick(random, items), random);
    try {
      const parsed = coseSign1Parse(message);
      const shortest = rebuilt(parsed);
      assert.ok(shortest.length <= message.length);
      assert.deepEqual(coseSign1Parse(shortest), parsed);
      coseAlgorithm(parsed.protectedHeader);
      return shortest.equals(message) ? "read" : "read, though longer than needed";
    } catch (error) {
      assert.ok(error instanceof CryptoError && error.code === "MALFORMED_COSE", String(error));
      return "refused";
    }
  });
  for (const outcome of ["read", "refused"]) assert.ok((outcomes.get(outcome) ?? 0) > 0, outcome);
});
