// SPDX-License-Identifier: Apache-2.0
import { decode, encode, rfc8949EncodeOptions } from "cborg";

/** COSE algorithms of the curves that a service may use. */
export const COSE_ALGORITHM = { Secp256R1: -7, Secp384R1: -35 } as const;

export const COSE_HEADER = {
  algorithm: 1,
  keyId: 4,
  cwtClaims: 15,
  /** Which kind of verifiable data structure (vds). */
  dataStructure: 395,
  /** Its proofs (vdp), in the unprotected header. */
  dataProofs: 396,
  ccf: "ccf.v1",
} as const;

const CWT = { issuer: 1, subject: 2, issuedAt: 6 } as const;

/** `CCF_LEDGER_SHA256` in the registry of verifiable data structures. */
export const CCF_LEDGER_SHA256 = 2;

export interface RootHeader {
  readonly alg: number;
  /** Hex SHA-256 of the service's public key. */
  readonly kid: string;
  /** The signature transaction, `view.seqno`. */
  readonly txid: string;
  /** Seconds since the epoch. */
  readonly iat: number;
  readonly issuer: string;
  readonly subject: string;
}

/** The protected header of a service's signature over a root, in deterministic CBOR. */
export function coseProtectedHeader(header: RootHeader): Uint8Array {
  const claims = new Map<number, string | number>([
    [CWT.issuer, header.issuer],
    [CWT.subject, header.subject],
    [CWT.issuedAt, header.iat],
  ]);
  return encodeMap([
    [COSE_HEADER.algorithm, header.alg],
    [COSE_HEADER.keyId, Buffer.from(header.kid, "latin1")],
    [COSE_HEADER.cwtClaims, claims],
    [COSE_HEADER.dataStructure, CCF_LEDGER_SHA256],
    [COSE_HEADER.ccf, new Map([["txid", header.txid]])],
  ]);
}

export interface EndorsementHeader {
  readonly alg: number;
  readonly iat: number;
  /** The transaction that created the endorsed service. */
  readonly epochStart: string;
  /** The last transaction it signed; absent for the very first service, which endorses itself. */
  readonly epochEnd?: string;
  readonly epochEndRoot?: Uint8Array;
}

/** The protected header of an endorsement of a service identity. */
export function endorsementHeader(header: EndorsementHeader): Uint8Array {
  const epoch = new Map<string, string | Uint8Array>([["epoch.start.txid", header.epochStart]]);
  if (header.epochEnd !== undefined) epoch.set("epoch.end.txid", header.epochEnd);
  if (header.epochEndRoot !== undefined) epoch.set("epoch.end.merkle.root", header.epochEndRoot);
  return encodeMap([
    [COSE_HEADER.algorithm, header.alg],
    [COSE_HEADER.cwtClaims, new Map([[CWT.issuedAt, header.iat]])],
    [COSE_HEADER.ccf, epoch],
  ]);
}

/** What a protected header says, as far as it is there and of the right type. */
export interface ReadHeader {
  readonly alg?: number;
  readonly kid?: string;
  readonly vds?: number;
  readonly txid?: string;
  readonly iat?: number;
  readonly issuer?: string;
  readonly subject?: string;
  readonly epochStart?: string;
  readonly epochEnd?: string;
  readonly epochEndRoot?: Uint8Array;
}

/** Reads a protected header in any order of its members. Throws on CBOR that is not one map. */
export function readHeader(bytes: Uint8Array): ReadHeader {
  const header = decodeMap(bytes);
  const claims = asMap(header.get(COSE_HEADER.cwtClaims));
  const ccf = asMap(header.get(COSE_HEADER.ccf));
  const kid = header.get(COSE_HEADER.keyId);
  const root = ccf.get("epoch.end.merkle.root");
  return {
    ...number("alg", header.get(COSE_HEADER.algorithm)),
    ...number("vds", header.get(COSE_HEADER.dataStructure)),
    ...number("iat", claims.get(CWT.issuedAt)),
    ...text("issuer", claims.get(CWT.issuer)),
    ...text("subject", claims.get(CWT.subject)),
    ...text("txid", ccf.get("txid")),
    ...text("epochStart", ccf.get("epoch.start.txid")),
    ...text("epochEnd", ccf.get("epoch.end.txid")),
    ...(kid instanceof Uint8Array && { kid: Buffer.from(kid).toString("latin1") }),
    ...(root instanceof Uint8Array && { epochEndRoot: root }),
  };
}

export type CborMap = ReadonlyMap<unknown, unknown>;

/** One CBOR map, strictly: definite lengths, no duplicates, nothing after it. */
export function decodeMap(bytes: Uint8Array): CborMap {
  const value: unknown = decode(bytes, {
    useMaps: true,
    rejectDuplicateMapKeys: true,
    allowIndefinite: false,
  });
  if (!(value instanceof Map)) throw new TypeError("CBOR that is not a map");
  return value;
}

/** One CBOR map in deterministic encoding (RFC 8949, 4.2). */
export function encodeMap(members: Iterable<readonly [unknown, unknown]>): Uint8Array {
  return encode(new Map(members), rfc8949EncodeOptions);
}

function asMap(value: unknown): CborMap {
  return value instanceof Map ? value : new Map();
}

function number<K extends string>(name: K, value: unknown): Partial<Record<K, number>> {
  return typeof value === "number" ? ({ [name]: value } as Record<K, number>) : {};
}

function text<K extends string>(name: K, value: unknown): Partial<Record<K, string>> {
  return typeof value === "string" ? ({ [name]: value } as Record<K, string>) : {};
}
