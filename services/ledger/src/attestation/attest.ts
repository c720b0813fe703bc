// SPDX-License-Identifier: Apache-2.0
import type { join } from "@consortium/proto";
import { encodeHex } from "../tables/json.js";
import { firstFailure } from "./check.js";
import { attestationErrors } from "./errors.js";
import { checkReport, type SnpReport, type SnpTrust } from "./snp/index.js";
import { type CheckedUvm, checkUvmEndorsements } from "./uvm/index.js";
import { parseVirtualQuote } from "./virtual.js";

/** The kinds of evidence, under the names of CCF. */
export const QUOTE_FORMATS = { virtual: "Insecure_Virtual", snp: "AMD_SEV_SNP_v1" } as const;

/** What a node proves of itself, before anybody asked whether that is enough. */
export type AttestedEvidence = AttestedVirtual | AttestedSnp;

interface Attested {
  /** Virtual: text. SNP: 96 hex digits. */
  readonly measurement: string;
  /** 64 hex digits; only a virtual quote can be without. */
  readonly hostData: string | undefined;
  /** The 32 bytes that must be the hash of the node's key. */
  readonly reportData: Uint8Array;
}

/** Proves nothing: it is what the sender wrote. */
export interface AttestedVirtual extends Attested {
  readonly format: typeof QUOTE_FORMATS.virtual;
}

export interface AttestedSnp extends Attested {
  readonly format: typeof QUOTE_FORMATS.snp;
  readonly report: SnpReport;
  /** Checked, but not yet held against the policy; absent if the node sent none. */
  readonly uvm: CheckedUvm | undefined;
}

const REPORT_DATA_BYTES = 32;

/**
 * Check 1 of a join: the platform vouches for the evidence. Throws `INVALID_QUOTE` with the text
 * "Quote could not be verified" and the check that failed in the details.
 */
export function attest(quote: join.QuoteInfo | undefined, trust: SnpTrust = {}): AttestedEvidence {
  if (quote?.format === QUOTE_FORMATS.snp) return attestSnp(quote, trust);
  if (quote?.format === QUOTE_FORMATS.virtual) return attestVirtual(quote);
  throw notVerified({
    check: "quote.format",
    rule: `the format is ${QUOTE_FORMATS.snp} or ${QUOTE_FORMATS.virtual}`,
    found: quote === undefined ? "no evidence" : quote.format,
  });
}

function attestSnp(quote: join.QuoteInfo, trust: SnpTrust): AttestedSnp {
  const { quote: report, endorsements, uvmEndorsements } = quote;
  const claimedTcb = claimedTcbOf(quote.endorsedTcb);
  const checked = checkReport({ report, endorsements, claimedTcb }, trust);
  const failure = firstFailure(checked.checks);
  if (failure !== undefined || checked.report === undefined) {
    const { id = "report.format", rule = "", found = "" } = failure ?? {};
    throw notVerified({ check: id, rule, found });
  }
  const measurement = encodeHex(checked.report.measurement);
  return {
    format: QUOTE_FORMATS.snp,
    report: checked.report,
    measurement,
    hostData: encodeHex(checked.report.hostData),
    reportData: checked.report.reportData.subarray(0, REPORT_DATA_BYTES),
    uvm:
      uvmEndorsements.length === 0 ? undefined : checkUvmEndorsements(uvmEndorsements, measurement),
  };
}

function attestVirtual(quote: join.QuoteInfo): AttestedVirtual {
  try {
    return { format: QUOTE_FORMATS.virtual, ...parseVirtualQuote(quote.quote) };
  } catch (error) {
    throw notVerified({
      check: "quote.virtual",
      rule: "the virtual quote can be read",
      found: error instanceof Error ? error.message : String(error),
    });
  }
}

/** The TCB version as 16 hex digits. It comes as these digits, or as the 8 bytes they stand for. */
export function claimedTcbOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined;
  const text = Buffer.from(bytes).toString("latin1");
  return /^[0-9a-f]{16}$/i.test(text) ? text.toLowerCase() : encodeHex(bytes);
}

function notVerified(details: { check: string; rule: string; found: string }): Error {
  return attestationErrors("INVALID_QUOTE", "Quote could not be verified", {
    details,
    hint: "`ccfctl attestation verify` explains evidence check by check",
  });
}
