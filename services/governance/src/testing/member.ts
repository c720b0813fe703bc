// SPDX-License-Identifier: Apache-2.0
import { createHash, X509Certificate } from "node:crypto";
import { coseSigStructure, SigningKey } from "@consortium/crypto-wasm";
import {
  createSelfSigned,
  type EcCurve,
  generateEcKeyPem,
  generateRsaKeyPem,
} from "@consortium/kit";
import { encode } from "cborg";
import type { MessageType } from "../request/message-type.js";

/** Someone with a certificate: a member or a user. */
export interface Party {
  readonly id: string;
  readonly cert: string;
  readonly key: SigningKey;
  readonly encryptionKey: string;
}

/** RSA keys take long to make, and no test looks inside. */
const sharedEncryptionKey = generateRsaKeyPem().publicKeyPem;

export function createParty(name: string, curve: EcCurve = "Secp384R1"): Party {
  const keyPem = generateEcKeyPem(curve);
  const cert = createSelfSigned({ keyPem, subject: `CN=${name}`, days: 365 });
  const id = createHash("sha256").update(new X509Certificate(cert).raw).digest("hex");
  return { id, cert, key: SigningKey.fromPem(keyPem), encryptionKey: sharedEncryptionKey };
}

export interface SignOptions {
  readonly createdAt?: number | string | bigint;
  readonly proposalId?: string;
  /** Added to the protected header, or taken from it by `undefined`. */
  readonly header?: readonly (readonly [number | string, unknown])[];
}

export const NOW = 1_795_177_164;

export function protectedHeader(
  party: Party,
  type: string | undefined,
  options: SignOptions = {},
): Uint8Array {
  const header = new Map<number | string, unknown>([
    [1, party.key.curve === "Secp384R1" ? -35 : -7],
    [4, Buffer.from(party.id)],
    ["ccf.gov.msg.type", type],
    ["ccf.gov.msg.created_at", options.createdAt ?? NOW],
    ["ccf.gov.msg.proposal_id", options.proposalId],
    ...(options.header ?? []),
  ]);
  for (const [name, value] of Array.from(header)) if (value === undefined) header.delete(name);
  return encode(header);
}

/** A request as a member sends it. */
export function signRequest(
  party: Party,
  type: MessageType,
  payload: unknown,
  options: SignOptions = {},
): Uint8Array {
  const header = protectedHeader(party, type, options);
  return sealEnvelope(header, payloadBytes(payload), (message) => party.key.sign(message));
}

/** A COSE_Sign1 message of any header, right or wrong. */
export function sealEnvelope(
  header: Uint8Array,
  payload: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  const signature = sign(coseSigStructure(header, payload));
  const parts = [encode(header), Buffer.from([0xa0]), encode(payload), encode(signature)];
  return Buffer.concat([Buffer.from([0xd2, 0x84]), ...parts]);
}

function payloadBytes(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  if (payload === undefined) return new Uint8Array(0);
  return Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
}
