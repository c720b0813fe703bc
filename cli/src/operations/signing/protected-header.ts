// SPDX-License-Identifier: Apache-2.0
import { encode } from "cborg";

/** What a signed request is for; the service refuses it anywhere else. */
export const MESSAGE_TYPES = [
  "proposal",
  "ballot",
  "withdrawal",
  "state_digest",
  "ack",
  "recovery_share",
] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** COSE algorithm by curve of the signing key (RFC 9053). */
export const COSE_ALGORITHMS = { Secp256R1: -7, Secp384R1: -35 } as const;
export type SigningCurve = keyof typeof COSE_ALGORITHMS;

export interface RequestHeader {
  curve: SigningCurve;
  /** Lower-case hex. */
  memberId: string;
  type: MessageType;
  /** Seconds since 1970. */
  createdAt: number;
  /** For a ballot or a withdrawal. */
  proposalId?: string;
}

const ALG = 1;
const KID = 4;

/** The protected header of a governance request: integer keys of COSE, then CCF's names in the order CCF writes them. */
export function encodeProtectedHeader(header: RequestHeader): Uint8Array {
  const map = new Map<number | string, number | string | Uint8Array>([
    [ALG, COSE_ALGORITHMS[header.curve]],
    [KID, Buffer.from(header.memberId, "ascii")],
    ["ccf.gov.msg.type", header.type],
    ["ccf.gov.msg.created_at", header.createdAt],
  ]);
  if (header.proposalId !== undefined) map.set("ccf.gov.msg.proposal_id", header.proposalId);
  return encode(map, { mapSorter: () => 0 });
}
