// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { join as joinApi } from "@consortium/proto";

/** The measurement every virtual node shares; nothing measures it. */
export const VIRTUAL_MEASUREMENT = "Insecure hard-coded virtual measurement v1";
export const VIRTUAL_FORMAT = "Insecure_Virtual";

/** What a virtual quote says (reference A.7). Nobody signs it. */
export interface VirtualQuote {
  readonly measurement: string;
  /** Hex SHA-256 of the release that runs. */
  readonly host_data: string;
  /** Base64 SHA-256 of the node's public key (SPKI DER). */
  readonly report_data: string;
}

/** The evidence of a node outside a TEE: it names the release and the key, and proves nothing. */
export async function virtualEvidence(publicKeyDer: Uint8Array): Promise<joinApi.QuoteInfo> {
  const quote: VirtualQuote = {
    measurement: VIRTUAL_MEASUREMENT,
    host_data: await releaseDigest(),
    report_data: createHash("sha256").update(publicKeyDer).digest("base64"),
  };
  return {
    format: VIRTUAL_FORMAT,
    quote: Buffer.from(JSON.stringify(quote)),
    endorsements: new Uint8Array(),
    uvmEndorsements: new Uint8Array(),
    endorsedTcb: new Uint8Array(),
  };
}

/** Hex SHA-256 over the built code of all services: equal for every role of one release. */
async function releaseDigest(): Promise<string> {
  const services = fileURLToPath(new URL("../../../", import.meta.url));
  const digest = createHash("sha256");
  for (const folder of ["kit", "ledger", "node", "governance", "recovery"]) {
    const dist = join(services, folder, "dist");
    const files = await readdir(dist, { recursive: true, withFileTypes: true }).catch(() => []);
    const sources = files
      .filter(
        (file) => file.isFile() && file.name.endsWith(".js") && !file.name.endsWith(".test.js"),
      )
      .map((file) => join(file.parentPath, file.name))
      .sort();
    for (const path of sources) {
      const content = createHash("sha256")
        .update(await readFile(path))
        .digest("hex");
      digest.update(`${relative(services, path)} ${content}\n`);
    }
  }
  return digest.digest("hex");
}
