// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import {
  keyFromText,
  type KvReader,
  TABLES,
  VIRTUAL_FORMAT,
  type VirtualQuote,
} from "@consortium/ledger";
import type { join } from "@consortium/proto";
import { nodeErrors } from "../errors.js";

/** What was accepted of a quote. */
export interface VerifiedEvidence {
  readonly measurement: string;
}

/**
 * Checks a joiner's evidence against the join policy, in the order of reference A.7. A virtual quote
 * is signed by nobody: the policy that admits it is the members' decision.
 */
export function verifyEvidence(
  quote: join.QuoteInfo | undefined,
  publicKeyDer: Uint8Array,
  kv: KvReader,
): VerifiedEvidence {
  if (quote?.format !== VIRTUAL_FORMAT) {
    throw refused(
      `Quote could not be verified: format ${quote?.format ?? "none"} is not supported`,
    );
  }
  const parsed = parseQuote(quote.quote);
  if (kv.get(TABLES.nodesVirtualHostData, keyFromText(parsed.host_data)) === undefined) {
    throw refused("Quote host data is not authorised", { host_data: parsed.host_data });
  }
  if (kv.get(TABLES.nodesVirtualMeasurements, keyFromText(parsed.measurement)) === undefined) {
    throw refused("Quote does not contain known enclave measurement", {
      measurement: parsed.measurement,
    });
  }
  const expected = createHash("sha256").update(publicKeyDer).digest("base64");
  if (parsed.report_data !== expected) {
    throw refused("Quote report data does not match the hash of the public key for this node");
  }
  return { measurement: parsed.measurement };
}

function parseQuote(bytes: Uint8Array): VirtualQuote {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, unknown> | null;
    const { measurement, host_data, report_data } = value ?? {};
    if (
      typeof measurement === "string" &&
      typeof host_data === "string" &&
      typeof report_data === "string"
    ) {
      return { measurement, host_data, report_data };
    }
  } catch {
    // Falls through to the one refusal.
  }
  throw refused("Quote could not be verified: it is not a virtual quote");
}

function refused(message: string, details: Record<string, string> = {}): Error {
  return nodeErrors("INVALID_QUOTE", message, {
    details,
    hint: "members allow other evidence with `ccfctl propose node add-virtual-host-data` and its kin",
  });
}
