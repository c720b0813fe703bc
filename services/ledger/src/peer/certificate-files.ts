// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { certificateFacts, isAppError } from "@consortium/kit";
import { peerErrors } from "./errors.js";
import type { NodeIdentity } from "./identity.js";

/** The service certificate that an operator put there: what a joining node trusts. */
export async function readServiceCertificate(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw peerErrors(
      "SERVICE_CERTIFICATE_UNREADABLE",
      `cannot read the service certificate ${path}`,
      {
        cause,
        hint: "copy the service certificate from an operator you trust: it is what this node trusts",
      },
    );
  }
}

/** The certificate this node had before, if the file has one for its key. */
export async function readNodeCertificate(
  path: string,
  identity: NodeIdentity,
): Promise<string | undefined> {
  const pem = await readFile(path, "utf8").catch(() => undefined);
  if (pem === undefined) return undefined;
  try {
    return certificateFacts(pem).nodeId === identity.nodeId ? pem : undefined;
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}
