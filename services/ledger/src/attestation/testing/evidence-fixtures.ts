// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";

const FOLDER = new URL("../../../fixtures/snp/", import.meta.url);

/** A file of `fixtures/snp`. */
export function snpFixture(name: string): Buffer {
  return readFileSync(new URL(name, FOLDER));
}

/** When the certificates of the real reports are valid. */
export const FIXTURES_VALID = new Date("2026-01-01T00:00:00Z");
