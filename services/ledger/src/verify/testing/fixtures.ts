// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeEntry, type DecodedEntry } from "../../entry/decode-entry.js";

/** Ledgers written by CCF itself; see `fixtures/README.md`. */
export type FixtureName = "cose_flipflop_service" | "expired_service";

export interface FixtureEntry {
  readonly bytes: Uint8Array;
  readonly decoded: DecodedEntry;
}

export function fixturePath(name: FixtureName, path = ""): string {
  return fileURLToPath(new URL(`../../../fixtures/${name}/${path}`, import.meta.url));
}

export function fixtureServiceCert(name: FixtureName): string {
  return readFileSync(fixturePath(name, "certificates/service_cert.pem"), "utf8");
}

/** Every entry of a ledger, the uncommitted file included: the entry of seqno n is at n - 1. */
export function fixtureEntries(name: FixtureName): FixtureEntry[] {
  const directory = fixturePath(name, "ledger");
  const files = readdirSync(directory)
    .map((file) => ({ file, first: Number(/[0-9]+/.exec(file)?.[0]) }))
    .sort((a, b) => a.first - b.first);
  const entries: FixtureEntry[] = [];
  for (const { file } of files) {
    const content = readFileSync(`${directory}/${file}`);
    const end = Number(content.readBigUInt64LE(0)) || content.length;
    for (let offset = 8; offset < end;) {
      const { length } = decodeEntry(content, offset);
      const bytes = content.subarray(offset, offset + length);
      entries.push({ bytes, decoded: decodeEntry(bytes) });
      offset += length;
    }
  }
  return entries;
}
