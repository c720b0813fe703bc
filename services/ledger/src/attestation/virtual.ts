// SPDX-License-Identifier: Apache-2.0
import { decodeBase64, decodeJson, type JsonObject } from "../tables/json.js";
import { attestationErrors } from "./errors.js";

/** What virtual evidence says. Nobody signed it: whoever sends it can write what they like. */
export interface VirtualStatement {
  readonly measurement: string;
  /** Hex SHA-256 of the release; absent if the quote has none that is well formed. */
  readonly hostData: string | undefined;
  /** SHA-256 of the node's public key. */
  readonly reportData: Uint8Array;
}

const DIGEST_BYTES = 32;

/** Reads a virtual quote. Throws `REPORT_MALFORMED`. */
export function parseVirtualQuote(bytes: Uint8Array): VirtualStatement {
  const { measurement, host_data: hostData, report_data: reportData } = members(bytes);
  if (typeof measurement !== "string") throw malformed("it has no measurement");
  const digest = typeof reportData === "string" ? decodeBase64(reportData) : undefined;
  if (digest?.length !== DIGEST_BYTES) throw malformed("its report data is not a SHA-256 digest");
  const isDigest = typeof hostData === "string" && /^[0-9a-f]{64}$/i.test(hostData);
  return {
    measurement,
    hostData: isDigest ? hostData.toLowerCase() : undefined,
    reportData: digest,
  };
}

function members(bytes: Uint8Array): JsonObject {
  try {
    const value = decodeJson(bytes);
    if (typeof value === "object" && value !== null) return value as JsonObject;
  } catch (cause) {
    throw malformed("it is not JSON", cause);
  }
  throw malformed("it is not a JSON object");
}

function malformed(what: string, cause?: unknown): Error {
  return attestationErrors("REPORT_MALFORMED", `the virtual quote cannot be read: ${what}`, {
    cause,
  });
}
