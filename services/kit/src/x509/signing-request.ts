// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  Attribute,
  type Extension,
  Extensions,
  id_ce_subjectAltName,
  type Name,
  SubjectAlternativeName,
  SubjectPublicKeyInfo,
} from "@peculiar/asn1-x509";
import { kitErrors } from "../errors/kit-errors.js";
import { arrayBuffer, extension, signatureAlgorithm, signDer } from "./certificate-der.js";
import { curveOf, type EcCurve, nodeIdOfSpki, readEcPrivateKey } from "./keys.js";
import { parseSubject, parseSubjectAltName } from "./names.js";
import { fromPem, toPem } from "./pem.js";

/** ECDSA with SHA-256, SHA-384 and SHA-512: a requester may sign with another hash than we would. */
const SIGNATURE_HASHES: Readonly<Record<string, string>> = {
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
};

const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

export interface CreateCsrOptions {
  keyPem: string;
  subject: string;
  /** `iPAddress:…` and `dNSName:…`. */
  sans?: readonly string[];
}

/** A PKCS#10 request, signed by its own key. */
export function createCsr(options: CreateCsrOptions): string {
  const { key } = readEcPrivateKey(options.keyPem);
  const altName = subjectAltNameExtension(options.sans ?? []);
  const attributes = new Attributes();
  if (altName !== undefined) {
    const requested = AsnConvert.serialize(new Extensions([altName]));
    attributes.push(new Attribute({ type: EXTENSION_REQUEST, values: [requested] }));
  }
  const info = new CertificationRequestInfo({
    version: 0,
    subject: parseSubject(options.subject),
    subjectPKInfo: subjectKeyOf(key),
    attributes,
  });
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: signatureAlgorithm(key),
    signature: arrayBuffer(signDer(AsnConvert.serialize(info), key)),
  });
  return toPem("CERTIFICATE REQUEST", Buffer.from(AsnConvert.serialize(request)));
}

export interface SigningRequest {
  subject: Name;
  subjectKey: SubjectPublicKeyInfo;
  /** SubjectPublicKeyInfo in DER. */
  publicKeySpki: Buffer;
  publicKeyPem: string;
  curve: EcCurve;
  /** Hex SHA-256 of the SubjectPublicKeyInfo. */
  nodeId: string;
  /** The requested alternative names, to be copied as they are. */
  subjectAltName: Extension | undefined;
}

/** Reads a request and checks that it is signed by the key it names. */
export function parseCsr(pem: string): SigningRequest {
  const der = fromPem("CERTIFICATE REQUEST", pem);
  if (der === undefined) throw invalid("it is not a CERTIFICATE REQUEST in PEM");
  try {
    return readRequest(der);
  } catch (cause) {
    throw invalid("it cannot be decoded or its signature does not verify", cause);
  }
}

function readRequest(der: Buffer): SigningRequest {
  const request = AsnConvert.parse(der, CertificationRequest);
  const info = request.certificationRequestInfo;
  const spki = Buffer.from(AsnConvert.serialize(info.subjectPKInfo));
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  const curve = curveOf(publicKey);
  const signed = Buffer.from(request.certificationRequestInfoRaw ?? AsnConvert.serialize(info));
  const hash = SIGNATURE_HASHES[request.signatureAlgorithm.algorithm];
  if (hash === undefined || !verify(hash, signed, publicKey, Buffer.from(request.signature))) {
    throw new Error("signature does not verify");
  }
  if (!encode(signed, request).equals(der)) throw new Error("not in DER");
  return {
    subject: info.subject,
    subjectKey: info.subjectPKInfo,
    publicKeySpki: spki,
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    curve,
    nodeId: nodeIdOfSpki(spki),
    subjectAltName: requestedAltName(info),
  };
}

/** The outer structure is not signed, and the decoder is lenient: only its one right form is accepted. */
function encode(signed: Buffer, request: CertificationRequest): Buffer {
  const algorithm = Buffer.from(AsnConvert.serialize(request.signatureAlgorithm));
  const signature = Buffer.from(request.signature);
  // No unused bits in the last byte of the bit string.
  const bits = derElement(0x03, Buffer.concat([Buffer.of(0), signature]));
  return derElement(0x30, Buffer.concat([signed, algorithm, bits]));
}

function derElement(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  if (length > 0xffff) throw new Error("too long");
  return Buffer.concat([Buffer.of(tag, ...bytes), content]);
}

function requestedAltName(info: CertificationRequestInfo): Extension | undefined {
  const attributes: readonly Attribute[] = info.attributes ?? [];
  const requested = attributes.find((attribute) => attribute.type === EXTENSION_REQUEST)?.values[0];
  if (requested === undefined) return undefined;
  const altName = AsnConvert.parse(requested, Extensions).find(
    (candidate) => candidate.extnID === id_ce_subjectAltName,
  );
  // Parsed once so that what is copied into a certificate is at least well-formed.
  if (altName !== undefined) AsnConvert.parse(altName.extnValue.buffer, SubjectAlternativeName);
  return altName;
}

/** The extension for these alternative names, or undefined for none. */
export function subjectAltNameExtension(sans: readonly string[]): Extension | undefined {
  if (sans.length === 0) return undefined;
  return extension(
    id_ce_subjectAltName,
    false,
    new SubjectAlternativeName(sans.map(parseSubjectAltName)),
  );
}

/** The public half of a key as the ASN.1 structure. */
export function subjectKeyOf(key: KeyObject): SubjectPublicKeyInfo {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return AsnConvert.parse(publicKey.export({ type: "spki", format: "der" }), SubjectPublicKeyInfo);
}

function invalid(reason: string, cause?: unknown): Error {
  return kitErrors(
    "SIGNING_REQUEST_INVALID",
    `the certificate signing request is refused: ${reason}`,
    { cause },
  );
}
