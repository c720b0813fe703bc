// SPDX-License-Identifier: Apache-2.0
import { type CoseSign1, coseSign1Parse, CryptoError, sha256 } from "@consortium/crypto-wasm";
import { governanceErrors } from "../errors.js";
import { decodeProtectedHeader, type GovernanceHeader, isEmptyMap } from "./protected-header.js";

/** A governance request whose form was checked. Whether it is signed by a member was not. */
export interface SignedRequest {
  /** As it came: this is what the ledger records. */
  readonly envelope: Uint8Array;
  readonly message: CoseSign1;
  readonly header: GovernanceHeader;
  readonly payload: Uint8Array;
  /** SHA-256 of the signature alone (`reference` B.3). */
  readonly digest: Uint8Array;
}

/** Reads a tagged COSE_Sign1 message. Throws `INVALID_COSE`. */
export function parseSignedRequest(envelope: Uint8Array): SignedRequest {
  const message = parseEnvelope(envelope);
  if (envelope.length !== canonicalBytes(message)) {
    throw governanceErrors("INVALID_COSE", "a length is written in more bytes than it needs");
  }
  if (!isEmptyMap(message.unprotectedHeader)) {
    throw governanceErrors("INVALID_COSE", "the unprotected header must be an empty map");
  }
  if (message.payload === null) {
    throw governanceErrors("INVALID_COSE", "the payload must be in the message, not detached");
  }
  return {
    envelope,
    message,
    header: decodeProtectedHeader(message.protectedHeader),
    payload: message.payload,
    digest: sha256(message.signature),
  };
}

function parseEnvelope(envelope: Uint8Array): CoseSign1 {
  try {
    return coseSign1Parse(envelope);
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    throw governanceErrors(
      "INVALID_COSE",
      `this is not a tagged COSE_Sign1 message: ${cause.message}`,
      {
        cause,
        hint: "Sign with `ccfctl` or with CCF's `ccf_cose_sign1`.",
      },
    );
  }
}

/** How many bytes say this if each length takes as few as possible: tag, array and its four parts. */
function canonicalBytes({ protectedHeader, payload, signature, ...message }: CoseSign1): number {
  const strings = [protectedHeader, payload ?? new Uint8Array(0), signature];
  return strings.reduce(
    (sum, { length }) => sum + lengthBytes(length) + length,
    2 + message.unprotectedHeader.length,
  );
}

function lengthBytes(length: number): number {
  if (length < 24) return 1;
  if (length < 0x100) return 2;
  return length < 0x1_0000 ? 3 : 5;
}
