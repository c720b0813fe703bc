// SPDX-License-Identifier: Apache-2.0
import { sign } from "node:crypto";
import { encode, Tagged } from "cborg";
import type { Participant } from "./participants.js";

/* Written out once more, with nothing but CBOR and node:crypto, so that a mistake in our own signer
   cannot hide behind the same mistake in our own reader. Every part can be made wrong. */

export type MessageType = "proposal" | "ballot" | "withdrawal" | "state_digest" | "ack";

export interface RequestContent {
  readonly type?: string | undefined;
  readonly payload: Uint8Array;
  /** Seconds since 1970; now if absent. */
  readonly createdAt?: number | bigint | string;
  readonly proposalId?: string;
  /** Instead of the signer's own. */
  readonly keyId?: Uint8Array;
  /** Instead of that of the signer's curve. */
  readonly algorithm?: number;
  /** Further protected headers. */
  readonly headers?: ReadonlyMap<unknown, unknown>;
}

const ALGORITHM = { Secp256R1: -7, Secp384R1: -35 } as const;
const HASH = { Secp256R1: "sha256", Secp384R1: "sha384" } as const;
const COSE_SIGN1 = 18;

/** A governance request as it goes over the wire. */
export function signRequest(signer: Participant, content: RequestContent): Uint8Array {
  const header = encodeHeader(signer, content);
  const signature = signatureOf(signer, header, content.payload);
  return encode(new Tagged(COSE_SIGN1, [header, new Map(), content.payload, signature]));
}

export function encodeHeader(signer: Participant, content: RequestContent): Uint8Array {
  const header = new Map<unknown, unknown>([
    [1, content.algorithm ?? ALGORITHM[signer.curve]],
    [4, content.keyId ?? Buffer.from(signer.id)],
  ]);
  if (content.type !== undefined) header.set("ccf.gov.msg.type", content.type);
  header.set("ccf.gov.msg.created_at", content.createdAt ?? nowSeconds());
  if (content.proposalId !== undefined) header.set("ccf.gov.msg.proposal_id", content.proposalId);
  for (const [name, value] of content.headers ?? []) header.set(name, value);
  return encode(header, { mapSorter: () => 0 });
}

export function signatureOf(
  signer: Participant,
  header: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  const toBeSigned = encode(["Signature1", header, new Uint8Array(), payload]);
  return sign(HASH[signer.curve], toBeSigned, { key: signer.key, dsaEncoding: "ieee-p1363" });
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
