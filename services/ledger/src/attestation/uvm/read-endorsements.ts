// SPDX-License-Identifier: Apache-2.0
import { type CoseSign1, coseSign1Parse, coseSigStructure } from "@consortium/crypto-wasm";
import { decode } from "cborg";
import { attestationErrors } from "../errors.js";
import { type Certificate, readCertificate } from "../x509/index.js";

const HEADER = {
  algorithm: 1,
  contentType: 3,
  cwtClaims: 15,
  x5chain: 33,
  preimageContentType: 259,
} as const;
const CLAIM = { issuer: 1, subject: 2, svn: "svn" } as const;
const LEGACY = {
  issuer: "iss",
  feed: "feed",
  measurement: "x-ms-sevsnpvm-launchmeasurement",
  svn: "x-ms-sevsnpvm-guestsvn",
} as const;

/** More than anybody's hierarchy has; each costs a signature check. */
const CHAIN_CERTIFICATES_MAX = 10;

/** Somebody's statement that a launch measurement is a certain release of a utility VM. */
export interface UvmEndorsement {
  readonly layout: "cwt" | "json";
  readonly algorithm: number;
  /** Who says it: a did:x509. */
  readonly issuer: string;
  /** The line of releases. */
  readonly feed: string;
  /** Security version number: grows with every release that repairs something. */
  readonly svn: bigint;
  /** Hex, as the payload has it. */
  readonly measurement: string;
  readonly chain: readonly Certificate[];
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

type Members = ReadonlyMap<unknown, unknown>;

/** Reads UVM endorsements of either layout. Throws `UVM_ENDORSEMENTS_MALFORMED`. Proves nothing. */
export function readUvmEndorsements(bytes: Uint8Array): UvmEndorsement {
  const message = parseMessage(bytes);
  const payload = message.payload;
  if (payload === null) throw malformed("they have no payload");
  const header = decodeHeader(message.protectedHeader);
  const algorithm = header.get(HEADER.algorithm);
  if (typeof algorithm !== "number") throw malformed("no algorithm is named");
  const claims = header.get(HEADER.cwtClaims);
  // The newer layout is told by its claims, as a header may have both kinds of content type.
  const statement =
    claims instanceof Map && claims.has(CLAIM.svn)
      ? readClaims(header, claims, payload)
      : readJson(header, payload);
  return {
    ...statement,
    algorithm,
    chain: readChain(header.get(HEADER.x5chain)),
    signed: coseSigStructure(message.protectedHeader, payload),
    signature: message.signature,
  };
}

type Statement = Pick<UvmEndorsement, "layout" | "issuer" | "feed" | "svn" | "measurement">;

/** Issuer, feed and SVN are CWT claims; the payload is the measurement. */
function readClaims(header: Members, claims: Members, payload: Uint8Array): Statement {
  requireType(header.get(HEADER.preimageContentType), "application/octet-stream");
  return {
    layout: "cwt",
    issuer: text(claims.get(CLAIM.issuer), "issuer"),
    feed: text(claims.get(CLAIM.subject), "subject"),
    svn: readSvn(claims.get(CLAIM.svn)),
    measurement: Buffer.from(payload).toString("hex"),
  };
}

/** Issuer and feed are headers; SVN and measurement stand in the JSON payload. */
function readJson(header: Members, payload: Uint8Array): Statement {
  const issuer = text(header.get(LEGACY.issuer), "issuer");
  const feed = text(header.get(LEGACY.feed), "feed");
  requireType(header.get(HEADER.contentType), "application/json");
  const members = jsonMembers(payload);
  const measurement = text(members[LEGACY.measurement], "launch measurement");
  return { layout: "json", issuer, feed, svn: readSvn(members[LEGACY.svn]), measurement };
}

/** A security version number: an integer, or its decimal digits. */
export function parseSvn(value: unknown): bigint | undefined {
  if (typeof value === "bigint" && value >= 0n) return value;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  return typeof value === "string" && /^[0-9]{1,20}$/.test(value) ? BigInt(value) : undefined;
}

function readSvn(value: unknown): bigint {
  const svn = parseSvn(value);
  if (svn === undefined) throw malformed("the SVN is not a number");
  return svn;
}

function readChain(value: unknown): Certificate[] {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  if (items.length > CHAIN_CERTIFICATES_MAX) throw malformed("the chain is too long");
  return items.map((item) => {
    if (!(item instanceof Uint8Array)) throw malformed("there is no chain of certificates");
    try {
      return readCertificate(item);
    } catch (cause) {
      throw malformed("a certificate of the chain cannot be read", cause);
    }
  });
}

function parseMessage(bytes: Uint8Array): CoseSign1 {
  try {
    return coseSign1Parse(bytes);
  } catch (cause) {
    throw malformed("they are not a COSE_Sign1 message", cause);
  }
}

/** One CBOR map, strictly. Times are tagged; their values are not used. */
function decodeHeader(bytes: Uint8Array): Members {
  let value: unknown;
  try {
    const asIs = (inner: () => unknown): unknown => inner();
    value = decode(bytes, {
      useMaps: true,
      rejectDuplicateMapKeys: true,
      allowIndefinite: false,
      tags: { 0: asIs, 1: asIs },
    });
  } catch (cause) {
    throw malformed("the protected header cannot be read", cause);
  }
  if (!(value instanceof Map)) throw malformed("the protected header is not a map");
  return value;
}

function jsonMembers(payload: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload),
    );
    if (typeof value === "object" && value !== null) return { ...value };
  } catch (cause) {
    throw malformed("the payload is not JSON", cause);
  }
  throw malformed("the payload is not a JSON object");
}

function requireType(found: unknown, expected: string): void {
  if (found !== expected) throw malformed(`the payload's content type is not ${expected}`);
}

function text(value: unknown, what: string): string {
  if (typeof value === "string") return value;
  throw malformed(`there is no ${what}`);
}

function malformed(what: string, cause?: unknown): Error {
  return attestationErrors(
    "UVM_ENDORSEMENTS_MALFORMED",
    `the UVM endorsements cannot be read: ${what}`,
    { cause },
  );
}
