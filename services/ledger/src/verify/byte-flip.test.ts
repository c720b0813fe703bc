// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { LedgerVerifier } from "./ledger-verifier.js";
import {
  LedgerBuilder,
  mergeWrites,
  writeText,
  type BuiltEntry,
} from "./testing/ledger-builder.js";

const ENTRIES = 50;

function buildLedger(): LedgerBuilder {
  const ledger = LedgerBuilder.create();
  ledger.sign();
  ledger.open();
  ledger.sign();
  while (ledger.lastSeqno < ENTRIES - 1) {
    const { lastSeqno } = ledger;
    const open = writeText("public:records", `k${lastSeqno}`, "open");
    ledger.append(mergeWrites(open, writeText("records", `k${lastSeqno}`, "closed")));
    if (ledger.lastSeqno % 10 === 9) ledger.sign();
  }
  ledger.sign();
  return ledger;
}

/** From behind one signature up to and with the next: what a root is checked over. */
function spansOf(entries: readonly BuiltEntry[]): BuiltEntry[][] {
  const spans: BuiltEntry[][] = [[]];
  for (const entry of entries) {
    spans.at(-1)?.push(entry);
    if (entry.isSignature) spans.push([]);
  }
  return spans.filter((span) => span.length > 0);
}

/** Bytes of `span` whose change is not noticed, when `next` follows. */
function unnoticed(verifier: LedgerVerifier, span: Uint8Array, next: Uint8Array): number[] {
  const found: number[] = [];
  const bytes = Buffer.concat([span, next]);
  for (let offset = 0; offset < span.length; offset += 1) {
    const mask = offset % 3 === 0 ? 0xff : 1 << (offset % 8);
    using fork = verifier.fork();
    bytes[offset] = (bytes[offset] ?? 0) ^ mask;
    try {
      fork.feed(bytes);
      found.push(offset);
    } catch (error) {
      assert.ok(isAppError(error), `byte ${offset}: ${String(error)}`);
      assert.ok(error.details.transactionId, `byte ${offset}: ${error.code} names no transaction`);
    }
    bytes[offset] = (bytes[offset] ?? 0) ^ mask;
  }
  return found;
}

describe("a ledger of 50 entries", () => {
  using ledger = buildLedger();
  const spans = spansOf(ledger.entries).map((span) =>
    Buffer.concat(span.map((entry) => entry.bytes)),
  );
  const last = ledger.entries.at(-1)?.bytes ?? new Uint8Array();

  it("has every flipped byte noticed, once the next signature is there", () => {
    using verifier = new LedgerVerifier();
    for (const [index, span] of spans.entries()) {
      const next = spans[index + 1];
      if (next === undefined) break;
      assert.deepEqual(unnoticed(verifier, span, next), [], `span ${index}`);
      verifier.feed(span);
    }
  });

  it("leaves unnoticed without key, checksums and next signature only what cannot be told", () => {
    using verifier = new LedgerVerifier();
    for (const span of spans.slice(0, -1)) verifier.feed(span);
    const span = spans.at(-1) ?? assert.fail();
    const start = span.length - last.length;
    const flags = [start + 1];
    const tag = Array.from({ length: 16 }, (_, index) => start + 8 + index);
    // After header, tag, IV, public length, entry type, seqno and claims digest.
    const evidence = Array.from({ length: 32 }, (_, index) => start + 85 + index);
    const found = new Set(unnoticed(verifier, span, new Uint8Array()));
    const untold = new Set([...flags, ...tag, ...evidence]);
    assert.deepEqual(
      [...found].filter((offset) => !untold.has(offset)),
      [],
    );
    for (const offset of [...tag, ...evidence]) assert.ok(found.has(offset));
  });

  it("has every flipped byte of the last tag and evidence noticed by whoever holds the secret", () => {
    const found: number[] = [];
    const bytes = Uint8Array.from(last);
    for (let offset = 8; offset < bytes.length; offset += 1) {
      bytes[offset] = (bytes[offset] ?? 0) ^ 1;
      try {
        ledger.secret.open(bytes);
        found.push(offset);
      } catch {
        // Noticed.
      }
      bytes[offset] = (bytes[offset] ?? 0) ^ 1;
    }
    assert.deepEqual(found, []);
  });
});
