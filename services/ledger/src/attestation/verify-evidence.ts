// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { join } from "@consortium/proto";
import type { KvReader } from "../kv/types.js";
import { encodeHex } from "../tables/json.js";
import { attest, type AttestedEvidence, QUOTE_FORMATS } from "./attest.js";
import { requireHostData, requireMeasurement } from "./policy/code.js";
import { requireTcb } from "./policy/firmware.js";
import { REFUSALS, refused } from "./policy/refusal.js";
import type { SnpTrust } from "./snp/index.js";

/** What was accepted of a node's evidence. */
export type VerifiedEvidence = AttestedEvidence & {
  readonly hostData: string;
  /** Hex, for `code_digest` in the node's row: the bytes of the measurement. */
  readonly codeDigest: string;
  /** True for virtual evidence, which nobody vouches for: to be said loudly. */
  readonly insecure: boolean;
};

/**
 * Checks a joiner's evidence: it is genuine, members allow what runs and the firmware below it, and it is
 * bound to the node's key. The first check that fails is thrown as `INVALID_QUOTE` with CCF's text; the
 * details name what was found. Virtual nodes are admitted only as long as members keep rows for them.
 *
 * @example
 * ```ts
 * const { codeDigest, insecure } = verifyEvidence(request.quoteInfo, publicKeySpki, kv.latest);
 * ```
 */
export function verifyEvidence(
  quote: join.QuoteInfo | undefined,
  /** SubjectPublicKeyInfo of the node's key. */
  publicKeyDer: Uint8Array,
  kv: KvReader,
  trust: SnpTrust = {},
): VerifiedEvidence {
  const evidence = attest(quote, trust);
  requireHostData(evidence, kv);
  requireMeasurement(evidence, kv);
  if (evidence.format === QUOTE_FORMATS.snp) requireTcb(evidence.report, kv);
  requirePublicKey(evidence, publicKeyDer);
  return accepted(evidence);
}

function accepted(evidence: AttestedEvidence): VerifiedEvidence {
  const { format, measurement, hostData = "" } = evidence;
  const insecure = format === QUOTE_FORMATS.virtual;
  const codeDigest = insecure ? encodeHex(Buffer.from(measurement, "utf8")) : measurement;
  return { ...evidence, hostData, codeDigest, insecure };
}

/** Check 5 of a join. Without it, evidence could be copied from another node. */
function requirePublicKey({ reportData }: AttestedEvidence, publicKeyDer: Uint8Array): void {
  const expected = createHash("sha256").update(publicKeyDer).digest();
  if (expected.equals(reportData)) return;
  throw refused(
    REFUSALS.publicKey,
    { report_data: encodeHex(reportData), expected: encodeHex(expected) },
    "ask the platform for evidence of the key that the node connects with",
  );
}
