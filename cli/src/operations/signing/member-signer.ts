// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject } from "node:crypto";
import { coseSign1Sign, SigningKey } from "@consortium/crypto-wasm";
import type { Identity } from "../../context/index.js";
import { cliErrors } from "../../errors.js";
import { type CertificateFile, readCertificate } from "../../input/certificate.js";
import { readInputText } from "../../input/read-input.js";
import { isPkcs11Uri } from "../../input/pkcs11-uri.js";
import { encodeProtectedHeader, type MessageType, type SigningCurve } from "./protected-header.js";

export interface RequestToSign {
  type: MessageType;
  payload: Uint8Array;
  /** Seconds since 1970; now, if absent. */
  createdAt?: number;
  proposalId?: string;
}

/** Signs governance requests as one member. The key is read when something is signed, and dropped after it. */
export interface MemberSigner {
  memberId: string;
  certificate: CertificateFile;
  sign(request: RequestToSign): Promise<Uint8Array>;
}

export async function openMemberSigner(identity: Identity): Promise<MemberSigner> {
  const certificate = await readCertificate(identity.certificate);
  if (isPkcs11Uri(identity.key)) return openOnToken(identity.key, certificate);
  const curve = curveOf(certificate);
  return {
    memberId: certificate.id,
    certificate,
    async sign({ type, payload, createdAt = nowSeconds(), proposalId }) {
      const header = { curve, memberId: certificate.id, type, createdAt };
      const bytes = encodeProtectedHeader(
        proposalId === undefined ? header : { ...header, proposalId },
      );
      using key = await readSigningKey(identity.key, certificate);
      return coseSign1Sign(key, bytes, payload, { detached: false });
    },
  };
}

/** The code for tokens is loaded where there is one. */
async function openOnToken(keyUri: string, certificate: CertificateFile): Promise<MemberSigner> {
  const { openTokenSigner } = await import("./token-signer.js");
  const sign = openTokenSigner(keyUri, certificate);
  return {
    memberId: certificate.id,
    certificate,
    sign: ({ createdAt = nowSeconds(), ...request }) => sign({ ...request, createdAt }),
  };
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** The curve of a member certificate, by which the COSE algorithm is chosen. */
export function curveOf(certificate: CertificateFile): SigningCurve {
  const key: KeyObject = certificate.x509.publicKey;
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve === "secp384r1") return "Secp384R1";
  if (curve === "prime256v1") return "Secp256R1";
  throw cliErrors(
    "KEY_NOT_SUPPORTED",
    `${certificate.file} holds a key of type ${curve ?? key.asymmetricKeyType}`,
    {
      hint: "Members sign with keys on secp384r1 or secp256r1: `ccfctl keygen` makes them.",
    },
  );
}

async function readSigningKey(file: string, certificate: CertificateFile): Promise<SigningKey> {
  const pem = await readInputText(file);
  const key = parseSigningKey(pem, file);
  const expected = certificate.x509.publicKey.export({ type: "spki", format: "der" });
  if (Buffer.compare(Buffer.from(key.publicKeySpki()), expected) === 0) return key;
  key[Symbol.dispose]();
  throw cliErrors("KEY_AND_CERTIFICATE_DIFFER", `${file} is not the key of ${certificate.file}`, {
    details: { key: file, certificate: certificate.file },
    hint: "Give --key and --cert of the same participant.",
  });
}

function parseSigningKey(pem: string, file: string): SigningKey {
  try {
    return SigningKey.fromPem(pem);
  } catch (cause) {
    throw cliErrors("KEY_NOT_SUPPORTED", `${file} ${whatIsWrong(pem)}`, {
      details: { key: file },
      hint: "Give the file that ends in _privk.pem: `ccfctl keygen` makes it.",
      cause,
    });
  }
}

function whatIsWrong(pem: string): string {
  if (pem.includes("ENCRYPTED")) return "is encrypted, which is not supported";
  if (pem.includes("BEGIN CERTIFICATE")) return "is a certificate, not a private key";
  if (isPublic(pem)) return "is a public key, not a private key";
  return "is not an EC private key in PEM";
}

function isPublic(pem: string): boolean {
  if (pem.includes("PRIVATE KEY")) return false;
  try {
    createPublicKey(pem);
    return true;
  } catch {
    return false;
  }
}
