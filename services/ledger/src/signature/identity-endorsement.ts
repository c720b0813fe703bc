// SPDX-License-Identifier: Apache-2.0
import {
  coseSign1Parse,
  coseSign1Sign,
  coseSign1Verify,
  type SigningKey,
} from "@consortium/crypto-wasm";
import { parseTransactionId } from "../entry/transaction-id.js";
import type { PreviousServiceIdentityEndorsement } from "../tables/internal-rows.js";
import { decodeBase64, encodeBase64 } from "../tables/json.js";
import { COSE_ALGORITHM, endorsementHeader, readHeader } from "./cose-header.js";
import { signatureErrors } from "./errors.js";
import { publicKeyFromSpki, type PublicKey } from "./keys.js";

/** What the current service says of a key that came before it (or, the first time, of its own). */
export interface IdentityEndorsement {
  readonly endorsedKey: PublicKey;
  readonly epochStart: string;
  readonly epochEnd?: string;
  readonly epochEndRoot?: Uint8Array;
}

export interface IssueEndorsement {
  readonly endorsingKey: SigningKey;
  /** SPKI in DER. */
  readonly endorsedKey: Uint8Array;
  readonly issuedAt: number;
  readonly epochStart: string;
  readonly epochEnd?: string;
  readonly epochEndRoot?: Uint8Array;
  /** The seqno of the endorsement before this one. */
  readonly previousVersion?: number;
}

/** The row of `previous_service_identity_endorsement`, signed by the service's current key. */
export function issueIdentityEndorsement(
  options: IssueEndorsement,
): PreviousServiceIdentityEndorsement {
  const { endorsingKey, epochStart, epochEnd, epochEndRoot, previousVersion } = options;
  const header = endorsementHeader({
    alg: COSE_ALGORITHM[endorsingKey.curve],
    iat: options.issuedAt,
    epochStart,
    ...(epochEnd !== undefined && { epochEnd }),
    ...(epochEndRoot !== undefined && { epochEndRoot }),
  });
  const message = coseSign1Sign(endorsingKey, header, options.endorsedKey, { detached: false });
  return {
    endorsement: encodeBase64(message),
    endorsing_key: encodeBase64(endorsingKey.publicKeySpki()),
    endorsement_epoch_begin: epochStart,
    ...(epochEnd !== undefined && { endorsement_epoch_end: epochEnd }),
    ...(previousVersion !== undefined && { previous_version: previousVersion }),
  };
}

/** Reads an endorsement and checks that `endorsingKey` made it. */
export function verifyIdentityEndorsement(
  message: Uint8Array,
  endorsingKey: PublicKey,
): IdentityEndorsement {
  let endorsement: IdentityEndorsement;
  try {
    const parsed = coseSign1Parse(message);
    if (parsed.payload === null) throw new TypeError("no payload");
    if (!coseSign1Verify(parsed, undefined, endorsingKey.verifyingKey)) {
      throw invalid("the signature does not fit the endorsing key");
    }
    const { epochStart, epochEnd, epochEndRoot } = readHeader(parsed.protectedHeader);
    if (epochStart === undefined) throw new TypeError("no start of the epoch");
    endorsement = {
      endorsedKey: publicKeyFromSpki(parsed.payload),
      epochStart,
      ...(epochEnd !== undefined && { epochEnd }),
      ...(epochEndRoot !== undefined && { epochEndRoot }),
    };
  } catch (cause) {
    throw invalid("it cannot be read or was signed by another key", cause);
  }
  for (const id of [endorsement.epochStart, endorsement.epochEnd]) {
    if (id !== undefined && parseTransactionId(id) === undefined) {
      throw invalid(`${id} is not a transaction id`);
    }
  }
  return endorsement;
}

/** {@link verifyIdentityEndorsement} of a row, whose other fields must say the same. */
export function verifyEndorsementRow(
  row: PreviousServiceIdentityEndorsement,
  endorsingKey: PublicKey,
): IdentityEndorsement {
  const key = decodeBase64(row.endorsing_key);
  const message = decodeBase64(row.endorsement);
  if (key === undefined || message === undefined) throw invalid("it is not base64");
  if (!Buffer.from(endorsingKey.spki).equals(key)) {
    throw invalid("the endorsing key is not the service's");
  }
  const endorsement = verifyIdentityEndorsement(message, endorsingKey);
  if (
    endorsement.epochStart !== row.endorsement_epoch_begin ||
    endorsement.epochEnd !== row.endorsement_epoch_end
  ) {
    throw invalid("the row names another epoch than the signed header");
  }
  return endorsement;
}

function invalid(what: string, cause?: unknown): Error {
  const message = `the endorsement of a service identity does not hold: ${what}`;
  return signatureErrors("IDENTITY_ENDORSEMENT_INVALID", message, { cause });
}
