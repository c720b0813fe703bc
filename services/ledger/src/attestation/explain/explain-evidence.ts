// SPDX-License-Identifier: Apache-2.0
import type { join } from "@consortium/proto";
import { encodeHex } from "../../tables/json.js";
import { claimedTcbOf, QUOTE_FORMATS } from "../attest.js";
import { type CheckResult, firstFailure, readAsCheck } from "../check.js";
import {
  checkReport,
  describeTcb,
  endorsedProductName,
  endorsedTcb,
  type Endorsements,
  productOf,
  type SnpReport,
  type SnpTrust,
} from "../snp/index.js";
import { checkUvmEndorsements, type UvmEndorsement } from "../uvm/index.js";
import { parseVirtualQuote } from "../virtual.js";
import { type Certificate, nameOf } from "../x509/index.js";
import { checkExpectations, type Expectations, type ExpectedFacts } from "./expectations.js";
import { type ExplainedField, explainReport } from "./fields.js";

/** Evidence in words. All values are JSON types. */
export interface EvidenceExplanation {
  /** Whether no check failed. */
  readonly verified: boolean;
  readonly format: string;
  /** The fields of the report; empty if it cannot be read. */
  readonly fields: readonly ExplainedField[];
  readonly certificates: readonly ExplainedCertificate[];
  /** What the VCEK is for; null if it does not say or the processor is unknown. */
  readonly vcek: { readonly productName: string; readonly tcb: string } | null;
  readonly uvm: ExplainedUvm | null;
  readonly checks: readonly CheckResult[];
}

export interface ExplainedCertificate {
  readonly role: string;
  readonly name: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
  /** Hex SHA-256 of the DER. */
  readonly sha256: string;
}

export interface ExplainedUvm {
  readonly layout: string;
  readonly issuer: string;
  readonly feed: string;
  readonly svn: string;
  readonly measurement: string;
}

export type ExplainOptions = SnpTrust & { readonly expected?: Expectations };

/**
 * Explains evidence to people: every field, and every check with its reason. Needs no service: whether
 * members trust what was found is what `expected` asks. Never throws.
 *
 * @example
 * ```ts
 * const { verified, checks } = explainEvidence({ ...quoteInfo, format: "AMD_SEV_SNP_v1" });
 * ```
 */
export function explainEvidence(
  quote: join.QuoteInfo,
  options: ExplainOptions = {},
): EvidenceExplanation {
  if (quote.format === QUOTE_FORMATS.snp) return explainSnp(quote, options);
  return quote.format === QUOTE_FORMATS.virtual ? explainVirtual(quote, options) : unknown(quote);
}

function explainSnp(quote: join.QuoteInfo, options: ExplainOptions): EvidenceExplanation {
  const { quote: bytes, endorsements: pem, uvmEndorsements } = quote;
  const claimedTcb = claimedTcbOf(quote.endorsedTcb);
  const checked = checkReport({ report: bytes, endorsements: pem, claimedTcb }, options);
  const { report, endorsements } = checked;
  const measurement = report && encodeHex(report.measurement);
  const uvm =
    uvmEndorsements.length === 0 ? undefined : checkUvmEndorsements(uvmEndorsements, measurement);
  const facts = report && {
    measurement: encodeHex(report.measurement),
    hostData: encodeHex(report.hostData),
    reportData: encodeHex(report.reportData),
  };
  const checks = [
    ...checked.checks,
    ...(uvm?.checks ?? []),
    ...checkExpectations(options.expected ?? {}, facts),
  ];
  return {
    verified: firstFailure(checks) === undefined,
    format: quote.format,
    fields: report === undefined ? [] : explainReport(report),
    certificates: [
      ...(endorsements === undefined ? [] : explainEndorsements(endorsements)),
      ...(uvm?.endorsement?.chain ?? []).map((one) => explainCertificate("UVM", one)),
    ],
    vcek: report && endorsements ? explainVcek(report, endorsements) : null,
    uvm: uvm?.endorsement === undefined ? null : explainUvm(uvm.endorsement),
    checks,
  };
}

function explainVirtual(quote: join.QuoteInfo, options: ExplainOptions): EvidenceExplanation {
  const { value: statement, check } = readAsCheck(
    { id: "quote.virtual", rule: "the virtual quote can be read", found: () => "read" },
    () => parseVirtualQuote(quote.quote),
  );
  const facts = statement && {
    measurement: statement.measurement,
    hostData: statement.hostData ?? "none",
    reportData: encodeHex(statement.reportData),
  };
  const signed: CheckResult = {
    id: "quote.signed",
    rule: "a processor signed the evidence",
    outcome: "failed",
    found: "virtual evidence is signed by nobody and proves nothing",
  };
  return {
    ...nothing(quote.format),
    fields: virtualFields(facts),
    checks: [check, signed, ...checkExpectations(options.expected ?? {}, facts)],
  };
}

function virtualFields(facts: ExpectedFacts | undefined): ExplainedField[] {
  if (facts === undefined) return [];
  const of = (name: string, value: string): ExplainedField => ({
    name,
    offset: "",
    value,
    meaning: "as the sender wrote it",
  });
  return [
    of("measurement", facts.measurement),
    of("host_data", facts.hostData),
    of("report_data", facts.reportData),
  ];
}

function unknown({ format }: join.QuoteInfo): EvidenceExplanation {
  const rule = `the format is ${QUOTE_FORMATS.snp} or ${QUOTE_FORMATS.virtual}`;
  return {
    ...nothing(format),
    checks: [{ id: "quote.format", rule, outcome: "failed", found: format }],
  };
}

function nothing(format: string): EvidenceExplanation {
  return {
    verified: false,
    format,
    fields: [],
    certificates: [],
    vcek: null,
    uvm: null,
    checks: [],
  };
}

function explainEndorsements({ vcek, ask, ark }: Endorsements): ExplainedCertificate[] {
  return [
    explainCertificate("VCEK", vcek),
    explainCertificate("ASK", ask),
    explainCertificate("ARK", ark),
  ];
}

function explainCertificate(role: string, certificate: Certificate): ExplainedCertificate {
  const { x509 } = certificate;
  return {
    role,
    name: nameOf(certificate),
    issuer: x509.issuer.split("\n").at(-1)?.replace(/^CN=/, "") ?? x509.issuer,
    validFrom: x509.validFromDate.toISOString(),
    validTo: x509.validToDate.toISOString(),
    sha256: x509.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

function explainVcek({ cpu }: SnpReport, { vcek }: Endorsements): EvidenceExplanation["vcek"] {
  const product = productOf(cpu);
  if (product === undefined) return null;
  try {
    const tcb = describeTcb(endorsedTcb(vcek, product));
    return { productName: endorsedProductName(vcek) ?? "unnamed", tcb };
  } catch {
    // The check of the TCB says what is wrong with it.
    return null;
  }
}

function explainUvm({ layout, issuer, feed, svn, measurement }: UvmEndorsement): ExplainedUvm {
  return { layout, issuer, feed, svn: String(svn), measurement };
}
