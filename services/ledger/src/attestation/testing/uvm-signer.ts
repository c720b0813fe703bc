// SPDX-License-Identifier: Apache-2.0
import {
  constants,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from "node:crypto";
import { coseSigStructure } from "@consortium/crypto-wasm";
import { ExtendedKeyUsage, id_ce_extKeyUsage } from "@peculiar/asn1-x509";
import { encode } from "cborg";
import { type CertificateRequest, extensionOf, issueCertificate } from "./issue-certificate.js";

export const UVM_USAGE = "1.3.6.1.4.1.311.76.59.1.2";

/** Tag 18 and an array of four: COSE_Sign1. */
const TAGGED_ARRAY_OF_4 = Uint8Array.of(0xd2, 0x84);

/** COSE algorithms, and the key that each needs. */
const KEYS = {
  PS256: { number: -37, hash: "sha256" },
  PS384: { number: -38, hash: "sha384" },
  PS512: { number: -39, hash: "sha512" },
  ES256: { number: -7, hash: "sha256", curve: "prime256v1" },
  ES384: { number: -35, hash: "sha384", curve: "secp384r1" },
  ES512: { number: -36, hash: "sha512", curve: "secp521r1" },
} as const;
export type UvmAlgorithm = keyof typeof KEYS;

export interface UvmStatement {
  readonly feed?: string;
  readonly svn?: unknown;
  /** Hex. */
  readonly measurement: string;
  readonly issuer?: string;
  readonly layout?: "cwt" | "json";
  /** Changes the protected header before it is signed. */
  readonly header?: (header: Map<unknown, unknown>) => void;
  /** Replaces the payload. */
  readonly payload?: Uint8Array;
}

/** Somebody who endorses utility VMs. */
export interface UvmSigner {
  /** End, intermediate and root certificate in PEM. */
  readonly chain: readonly [string, string, string];
  readonly did: string;
  endorse(statement: UvmStatement): Buffer;
}

export interface UvmSignerOptions {
  readonly algorithm?: UvmAlgorithm;
  readonly end?: Partial<CertificateRequest>;
  readonly intermediate?: Partial<CertificateRequest>;
  /** The part of the DID after the fingerprint. */
  readonly predicates?: string;
}

/** Makes a signer with a chain of certificates of its own. */
export function createUvmSigner(options: UvmSignerOptions = {}): UvmSigner {
  const algorithm = KEYS[options.algorithm ?? "PS384"];
  const pair = keyPair(algorithm);
  const authority = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
  const root = { subject: "CN=UVM Root", privateKey: authority.privateKey };
  const intermediate = { subject: "CN=UVM CA", privateKey: authority.privateKey };
  const { publicKey } = authority;
  const usage = extensionOf(id_ce_extKeyUsage, new ExtendedKeyUsage([UVM_USAGE]));
  const chain = [
    issueCertificate({
      subject: "CN=UVM,O=Example",
      publicKey: pair.publicKey,
      issuer: intermediate,
      extensions: [usage],
      ...options.end,
    }),
    issueCertificate({
      subject: intermediate.subject,
      publicKey,
      issuer: root,
      authority: { pathLength: 0 },
      ...options.intermediate,
    }),
    issueCertificate({ subject: root.subject, publicKey, issuer: root, authority: {} }),
  ] as const;
  const fingerprint = createHash("sha256").update(derOf(chain[2])).digest("base64url");
  const did = `did:x509:0:sha256:${fingerprint}::${options.predicates ?? `eku:${UVM_USAGE}`}`;
  return {
    chain,
    did,
    endorse: (statement) => {
      const header = headerOf(statement, did);
      header.set(1, algorithm.number);
      header.set(33, chain.map(derOf));
      statement.header?.(header);
      const payload = statement.payload ?? payloadOf(statement);
      return message(encode(header), payload, (bytes) =>
        signBytes(bytes, pair.privateKey, algorithm),
      );
    },
  };
}

function headerOf(statement: UvmStatement, did: string): Map<unknown, unknown> {
  const { layout = "cwt", feed = "ContainerPlat-AMD-UVM", issuer = did, svn = 100 } = statement;
  if (layout === "json") {
    return new Map<unknown, unknown>([
      [3, "application/json"],
      ["iss", issuer],
      ["feed", feed],
    ]);
  }
  const claims = new Map<unknown, unknown>([
    [1, issuer],
    [2, feed],
    ["svn", svn],
  ]);
  return new Map<unknown, unknown>([
    [15, claims],
    [259, "application/octet-stream"],
  ]);
}

function payloadOf({ layout = "cwt", measurement, svn = "100" }: UvmStatement): Uint8Array {
  if (layout === "cwt") return Buffer.from(measurement, "hex");
  const payload = {
    "x-ms-sevsnpvm-launchmeasurement": measurement,
    "x-ms-sevsnpvm-guestsvn": svn,
  };
  return Buffer.from(JSON.stringify(payload));
}

function message(
  header: Uint8Array,
  payload: Uint8Array,
  signWith: (bytes: Uint8Array) => Uint8Array,
): Buffer {
  const signature = signWith(coseSigStructure(header, payload));
  const parts = [header, new Map(), payload, signature].map((part) => encode(part));
  return Buffer.concat([TAGGED_ARRAY_OF_4, ...parts]);
}

function keyPair(algorithm: (typeof KEYS)[UvmAlgorithm]): {
  publicKey: KeyObject;
  privateKey: KeyObject;
} {
  return "curve" in algorithm
    ? generateKeyPairSync("ec", { namedCurve: algorithm.curve })
    : generateKeyPairSync("rsa", { modulusLength: 2048 });
}

function signBytes(
  bytes: Uint8Array,
  key: KeyObject,
  algorithm: (typeof KEYS)[UvmAlgorithm],
): Buffer {
  if ("curve" in algorithm) return sign(algorithm.hash, bytes, { key, dsaEncoding: "ieee-p1363" });
  const pss = {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
  return sign(algorithm.hash, bytes, { key, ...pss });
}

function derOf(pem: string): Buffer {
  return new X509Certificate(pem).raw;
}
