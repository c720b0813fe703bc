// SPDX-License-Identifier: Apache-2.0
import type { EvidenceExplanation, Expectations } from "@consortium/ledger/attestation";
import type { join } from "@consortium/proto";
import { cliErrors } from "../errors.js";
import { readInput } from "../input/read-input.js";
import { decodeBytes } from "../views/bytes.js";

export interface AttestationRequest {
  /** A report, or quote information in JSON as nodes send it. */
  file: string;
  endorsementsFile?: string | undefined;
  uvmFile?: string | undefined;
  /** 16 hex digits. */
  endorsedTcb?: string | undefined;
  expected: Expectations;
  /** When certificates must be valid; now by default. */
  at?: Date | undefined;
}

/** Explains evidence check by check, without any service. */
export async function explainAttestation(
  request: AttestationRequest,
): Promise<EvidenceExplanation> {
  const { explainEvidence } = await import("@consortium/ledger/attestation");
  const quote = await readQuote(request);
  if (quote.format === SNP && quote.endorsements.length === 0) {
    throw cliErrors("INVALID_INPUT", "the certificates that endorse the processor are missing", {
      hint: "Give VCEK, ASK and ARK with --endorsements FILE.",
    });
  }
  return explainEvidence(quote, { expected: request.expected, at: request.at });
}

/** The failed checks as an error, with the exit code of what does not verify. */
export function notVerified({ checks }: EvidenceExplanation): Error {
  const failed = checks.filter(({ outcome }) => outcome === "failed");
  const [first] = failed;
  const others = failed.length === 1 ? "" : `, and ${failed.length - 1} more`;
  const what = first === undefined ? "" : ` ("${first.rule}": ${first.found})${others}`;
  return cliErrors("VERIFICATION_FAILED", `the evidence does not verify${what}`, {
    details: {
      reason: first?.id ?? "unknown",
      failed: failed.map(({ id }) => id).join(", "),
    },
    hint: hintOf(first?.id ?? ""),
  });
}

function hintOf(id: string): string {
  if (id === "chain.dates") return "Get fresh certificates of the processor from AMD.";
  if (id.startsWith("expected.")) return "It is genuine evidence of something else.";
  if (id === "quote.signed") return "Run the node on SEV-SNP, or trust whoever runs it.";
  return "Do not trust the node; get report and certificates anew from its machine.";
}

const SNP = "AMD_SEV_SNP_v1";
const NONE = new Uint8Array();

async function readQuote(request: AttestationRequest): Promise<join.QuoteInfo> {
  const content = await readInput(request.file);
  const given = quoteInfoOf(content) ?? { ...EMPTY, quote: content };
  const { endorsementsFile, uvmFile, endorsedTcb } = request;
  const collateral =
    endorsementsFile === undefined ? {} : collateralOf(await readInput(endorsementsFile));
  const uvmEndorsements = uvmFile === undefined ? undefined : uvmOf(await readInput(uvmFile));
  return {
    ...given,
    ...collateral,
    ...(uvmEndorsements && { uvmEndorsements }),
    ...(endorsedTcb !== undefined && { endorsedTcb: Buffer.from(endorsedTcb, "hex") }),
  };
}

const EMPTY: join.QuoteInfo = {
  format: SNP,
  quote: NONE,
  endorsements: NONE,
  uvmEndorsements: NONE,
  endorsedTcb: NONE,
};

/** `quote_info` as it stands in `nodes.info`: bytes are base64, the TCB is hex. */
function quoteInfoOf(content: Buffer): join.QuoteInfo | undefined {
  const members = jsonObject(content.toString("utf8"));
  const { format } = members ?? {};
  if (members === undefined || typeof format !== "string") return undefined;
  const bytes = (...names: string[]): Uint8Array => {
    const text = names.map((name) => members[name]).find((value) => typeof value === "string");
    if (text === undefined) return NONE;
    const decoded = decodeBytes(text, "base64");
    if (decoded !== undefined) return decoded;
    throw cliErrors("INVALID_INPUT", `${names[0]} of the quote is not base64`);
  };
  const tcb = members["endorsed_tcb"] ?? members["endorsedTcb"];
  return {
    format,
    quote: bytes("quote"),
    endorsements: bytes("endorsements"),
    uvmEndorsements: bytes("uvm_endorsements", "uvmEndorsements"),
    endorsedTcb: typeof tcb === "string" ? Buffer.from(tcb, "latin1") : NONE,
  };
}

/**
 * Certificates in PEM, or what the hosts of Azure hand out: JSON (also in base64) with the VCEK, the rest
 * of the chain and the TCB version that they are for.
 */
function collateralOf(content: Buffer): Partial<join.QuoteInfo> {
  const text = content.toString("latin1");
  if (text.includes("-----BEGIN")) {
    const members = jsonObject(text);
    return members === undefined ? { endorsements: content } : fromHost(members);
  }
  const members = jsonObject(Buffer.from(text, "base64").toString("utf8"));
  return members === undefined ? { endorsements: content } : fromHost(members);
}

function fromHost(members: Readonly<Record<string, unknown>>): Partial<join.QuoteInfo> {
  const { vcekCert, certificateChain, tcbm } = members;
  if (typeof vcekCert !== "string" || typeof certificateChain !== "string") {
    throw cliErrors("INVALID_INPUT", "the endorsements have no vcekCert or no certificateChain");
  }
  return {
    endorsements: Buffer.from(`${vcekCert}\n${certificateChain}`),
    ...(typeof tcbm === "string" && { endorsedTcb: Buffer.from(tcbm, "latin1") }),
  };
}

/** A COSE message, or its base64. */
function uvmOf(content: Buffer): Uint8Array {
  return decodeBytes(content.toString("latin1").replaceAll(/\s/g, ""), "base64") ?? content;
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
