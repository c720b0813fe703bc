// SPDX-License-Identifier: Apache-2.0
import { createHash, X509Certificate } from "node:crypto";
import {
  coseSign1Parse,
  coseSign1Verify,
  coseSigStructure,
  VerifyingKey,
} from "@consortium/crypto-wasm";
import { encode, Tagged } from "cborg";
import { cliErrors } from "../../errors.js";
import type { CertificateFile } from "../../input/certificate.js";
import { decodeBytes } from "../../views/bytes.js";
import { curveOf } from "./member-signer.js";
import { encodeProtectedHeader, type MessageType } from "./protected-header.js";

/* Signing in two steps, for keys that are kept where this program cannot read them. */

/**
 * What is to be signed. `alg` and `value` are what key vaults take (and what CCF's
 * `ccf_cose_sign1_prepare` prints); the rest is what the message is finished from.
 */
export interface PreparedRequest {
  alg: "ES256" | "ES384";
  /** Base64 of the digest. */
  value: string;
  /** Base64 of the protected header. */
  protected: string;
  /** Base64. */
  payload: string;
  /** PEM, by which the signature is checked. */
  certificate: string;
}

export interface RequestToPrepare {
  type: MessageType;
  payload: Uint8Array;
  createdAt: number;
  proposalId?: string;
}

const COSE_SIGN1_TAG = 18;
const NEEDS_PROPOSAL: readonly MessageType[] = ["ballot", "withdrawal"];

export function prepareRequest(
  certificate: CertificateFile,
  request: RequestToPrepare,
): PreparedRequest {
  const { type, payload, createdAt, proposalId } = request;
  if (NEEDS_PROPOSAL.includes(type) !== (proposalId !== undefined)) {
    const problem = proposalId === undefined ? "needs" : "takes no";
    throw cliErrors("INVALID_USAGE", `a request of type ${type} ${problem} --proposal-id`);
  }
  const curve = curveOf(certificate);
  const base = { curve, memberId: certificate.id, type, createdAt };
  const header = encodeProtectedHeader(proposalId === undefined ? base : { ...base, proposalId });
  const hash = curve === "Secp384R1" ? "sha384" : "sha256";
  const digest = createHash(hash).update(coseSigStructure(header, payload)).digest();
  return {
    alg: curve === "Secp384R1" ? "ES384" : "ES256",
    value: digest.toString("base64"),
    protected: Buffer.from(header).toString("base64"),
    payload: Buffer.from(payload).toString("base64"),
    certificate: certificate.x509.toString(),
  };
}

/** Puts message and signature (r and s side by side) together, and checks that they belong together. */
export function finishRequest(prepared: PreparedRequest, signature: Uint8Array): Uint8Array {
  const header = Buffer.from(prepared.protected, "base64");
  const payload = Buffer.from(prepared.payload, "base64");
  const message = encode(new Tagged(COSE_SIGN1_TAG, [header, {}, payload, signature]));
  const certificate = new X509Certificate(prepared.certificate);
  using key = VerifyingKey.fromPem(certificate.toString());
  if (coseSign1Verify(coseSign1Parse(message), undefined, key)) return message;
  throw cliErrors(
    "VERIFICATION_FAILED",
    "the signature does not fit the request and its certificate",
    {
      hint: "Sign the digest `value` as it is (it is already hashed), and give r and s side by side in base64url.",
    },
  );
}

/** Reads what a key vault answers: `{"value": "<base64url r‖s>"}`. */
export function parseSignature(value: unknown): Uint8Array {
  const text =
    typeof value === "object" && value !== null && "value" in value ? value.value : undefined;
  const bytes = typeof text === "string" ? decodeBytes(text, "base64") : undefined;
  if (bytes !== undefined && (bytes.length === 64 || bytes.length === 96)) return bytes;
  throw cliErrors(
    "INVALID_INPUT",
    'the signature is not {"value": "…"} with 64 or 96 bytes in base64url',
  );
}

/** Reads what {@link prepareRequest} made. */
export function parsePreparedRequest(value: unknown): PreparedRequest {
  const fields = ["alg", "value", "protected", "payload", "certificate"];
  const raw = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const wrong = fields.find((field) => typeof raw[field] !== "string");
  if (wrong === undefined) return raw as unknown as PreparedRequest;
  throw cliErrors("INVALID_INPUT", `the prepared request has no text "${wrong}"`, {
    hint: "Give the file that `ccfctl sign prepare` wrote.",
  });
}
