// SPDX-License-Identifier: Apache-2.0
import { createHash, X509Certificate } from "node:crypto";
import { cliErrors } from "../errors.js";
import { readInputText } from "./read-input.js";

const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/;
const PUBLIC_KEY_BLOCK = /^\s*-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----\s*$/;

export interface CertificateFile {
  file: string;
  pem: string;
  x509: X509Certificate;
  /** Lower-case hex SHA-256 of the DER: what a member or a user is called on the ledger. */
  id: string;
}

/** Reads a PEM file whose first certificate counts. */
export async function readCertificate(file: string): Promise<CertificateFile> {
  const pem = await readInputText(file);
  const block = CERTIFICATE_BLOCK.exec(pem)?.[0];
  try {
    if (block === undefined) throw new Error("no BEGIN CERTIFICATE in it");
    const x509 = new X509Certificate(block);
    return { file, pem, x509, id: createHash("sha256").update(x509.raw).digest("hex") };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "unknown reason";
    throw cliErrors("INVALID_INPUT", `${file} is not a certificate in PEM: ${reason}`, {
      details: { file },
      cause,
    });
  }
}

/** Reads a public key (SPKI PEM), as `keygen --gen-enc-key` writes it. */
export async function readPublicKeyPem(file: string): Promise<string> {
  const pem = await readInputText(file);
  if (PUBLIC_KEY_BLOCK.test(pem)) return pem;
  const isPrivate = pem.includes("PRIVATE KEY");
  throw cliErrors(
    "INVALID_INPUT",
    `${file} is not a public key in PEM${isPrivate ? " but a private key" : ""}`,
    {
      details: { file },
      hint: "Give the file that ends in _enc_pubk.pem.",
    },
  );
}
