// SPDX-License-Identifier: Apache-2.0
import { decode, encode } from "cborg";
import { governanceErrors } from "../errors.js";

/** The protected header of a governance request, decoded and checked for form only. */
export interface GovernanceHeader {
  readonly algorithm: CoseAlgorithm;
  /** The member id, as text. */
  readonly keyId: string;
  readonly messageType: string | undefined;
  /** Seconds since the epoch; may be beyond what is exact. */
  readonly createdAt: number;
  readonly proposalId: string | undefined;
}

/** ES256, ES384, ES512. */
export type CoseAlgorithm = -7 | -35 | -36;

const ALGORITHM = 1;
const CRITICAL = 2;
const KEY_ID = 4;
export const MESSAGE_TYPE = "ccf.gov.msg.type";
export const CREATED_AT = "ccf.gov.msg.created_at";
export const PROPOSAL_ID = "ccf.gov.msg.proposal_id";
const HEADER_BYTES_MAX = 4_096;

/**
 * Strict: canonical integers, definite lengths, no key twice, nothing after the map. Headers that
 * we do not know are let through, unless they are marked critical. Throws `INVALID_COSE`.
 */
export function decodeProtectedHeader(bytes: Uint8Array): GovernanceHeader {
  if (bytes.length > HEADER_BYTES_MAX)
    throw invalid("", `it is longer than ${HEADER_BYTES_MAX} bytes`);
  const map = decodeMap(bytes);
  if (map.has(CRITICAL)) throw invalid("crit", "critical headers are not supported");
  return {
    algorithm: algorithmOf(map.get(ALGORITHM)),
    keyId: keyIdOf(map.get(KEY_ID)),
    messageType: optionalText(map, MESSAGE_TYPE, bytes),
    createdAt: createdAtOf(map.get(CREATED_AT)),
    proposalId: optionalText(map, PROPOSAL_ID, bytes),
  };
}

/** Whether the encoded unprotected header is an empty map, as every signer sends it. */
export function isEmptyMap(bytes: Uint8Array): boolean {
  return bytes.length === 1 && bytes[0] === 0xa0;
}

function decodeMap(bytes: Uint8Array): ReadonlyMap<unknown, unknown> {
  let value: unknown;
  try {
    value = decode(bytes, {
      strict: true,
      useMaps: true,
      allowIndefinite: false,
      allowUndefined: false,
      rejectDuplicateMapKeys: true,
      allowBigInt: true,
    });
  } catch (cause) {
    throw governanceErrors("INVALID_COSE", "the protected header is not canonical CBOR", { cause });
  }
  if (!(value instanceof Map)) throw invalid("", "it is not a map");
  return value;
}

function algorithmOf(value: unknown): CoseAlgorithm {
  if (value === -7 || value === -35 || value === -36) return value;
  throw invalid("alg", "expected -7 (ES256), -35 (ES384) or -36 (ES512)");
}

function keyIdOf(value: unknown): string {
  if (value instanceof Uint8Array && value.length > 0) return Buffer.from(value).toString("latin1");
  throw invalid("kid", "expected the member id as a byte string");
}

function createdAtOf(value: unknown): number {
  if ((typeof value === "number" && Number.isInteger(value)) || typeof value === "bigint") {
    if (value >= 0) return Number(value);
  }
  throw invalid(
    CREATED_AT,
    "expected seconds since the epoch, a whole number that is not negative",
  );
}

/** The decoder drops byte order marks and mends what is no UTF-8: the text must be there as it is. */
function optionalText(
  map: ReadonlyMap<unknown, unknown>,
  name: string,
  bytes: Uint8Array,
): string | undefined {
  const value = map.get(name);
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw invalid(name, "expected text");
  if (!Buffer.from(bytes).includes(Buffer.concat([encode(name), encode(value)])))
    throw invalid(name, "expected UTF-8 without a byte order mark");
  return value;
}

function invalid(field: string, description: string): Error {
  const where =
    field === "" ? "the protected header is invalid" : `protected header ${field} is invalid`;
  return governanceErrors("INVALID_COSE", `${where}: ${description}`, {
    fieldViolations: [
      { field: field === "" ? "cose_sign1" : `cose_sign1.protected.${field}`, description },
    ],
  });
}
