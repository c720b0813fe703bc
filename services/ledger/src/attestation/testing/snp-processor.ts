// SPDX-License-Identifier: Apache-2.0
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { join } from "@consortium/proto";
import type { Extension } from "@peculiar/asn1-x509";
import { QUOTE_FORMATS } from "../attest.js";
import {
  OFFSETS,
  type Product,
  REPORT_BYTES,
  SIGNED_BYTES,
  type TrustedRoot,
} from "../snp/index.js";
import {
  type CertificateRequest,
  issueCertificate,
  rawExtension,
  type Signer,
} from "./issue-certificate.js";

/** Family, model and stepping of each product, and a TCB version of its layout. */
const MODELS = {
  Milan: { cpu: [0x19, 0x01, 0x01], tcb: "db18000000000004" },
  Genoa: { cpu: [0x19, 0x11, 0x01], tcb: "541700000000000a" },
  Turin: { cpu: [0x1a, 0x02, 0x01], tcb: "5100000004010101" },
} as const;

const AMD = "1.3.6.1.4.1.3704.1";

/** What a test may want otherwise in the certificates. */
export interface ProcessorOptions {
  readonly product?: Product;
  readonly chipId?: Uint8Array;
  /** 16 hex digits, for which the VCEK is made. */
  readonly endorsedTcb?: string;
  /** Replaces extensions of the VCEK, or removes them. */
  readonly extensions?: (standard: readonly Extension[]) => readonly Extension[];
  readonly vcek?: Partial<CertificateRequest>;
  readonly ask?: Partial<CertificateRequest>;
  readonly ark?: Partial<CertificateRequest>;
  /** The curve of the VCEK. */
  readonly curve?: string;
}

export interface ReportOptions {
  readonly measurement?: Uint8Array;
  readonly hostData?: Uint8Array;
  /** Up to 64 bytes. */
  readonly reportData?: Uint8Array;
  /** 16 hex digits. */
  readonly reportedTcb?: string;
  /** Changes the report before it is signed. */
  readonly change?: (report: Buffer) => void;
}

/** A processor that no factory made, with AMD's kind of certificates below a root of its own. */
export interface SnpProcessor {
  readonly product: Product;
  readonly roots: readonly TrustedRoot[];
  /** VCEK, ASK and ARK in PEM. */
  readonly certificates: readonly [string, string, string];
  report(options?: ReportOptions): Buffer;
  /** Evidence for a node's key (SPKI in DER). */
  quote(publicKeyDer: Uint8Array, options?: ReportOptions): join.QuoteInfo;
}

const authorities = {
  ark: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ask: generateKeyPairSync("rsa", { modulusLength: 2048 }),
};

/**
 * Makes a processor whose evidence verifies with its own `roots`.
 *
 * @example
 * ```ts
 * const processor = createSnpProcessor();
 * verifyEvidence(processor.quote(publicKeyDer), publicKeyDer, kv, { roots: processor.roots });
 * ```
 */
export function createSnpProcessor(options: ProcessorOptions = {}): SnpProcessor {
  const product = options.product ?? "Milan";
  const chipId = options.chipId ?? Buffer.alloc(product === "Turin" ? 8 : 64, 0xc1);
  const chip = generateKeyPairSync("ec", { namedCurve: options.curve ?? "secp384r1" });
  const ark: Signer = { subject: `CN=ARK-${product}`, privateKey: authorities.ark.privateKey };
  const ask: Signer = { subject: `CN=SEV-${product}`, privateKey: authorities.ask.privateKey };
  const standard = vcekExtensions(product, options.endorsedTcb ?? MODELS[product].tcb, chipId);
  const vcek = issueCertificate({
    subject: "CN=SEV-VCEK",
    publicKey: chip.publicKey,
    issuer: ask,
    extensions: options.extensions?.(standard) ?? standard,
    ...options.vcek,
  });
  const report = (wanted: ReportOptions = {}): Buffer =>
    signReport(writeReport(product, chipId, wanted), chip.privateKey);
  const certificates = [vcek, ...authorityCertificates({ ark, ask }, options)] as const;
  return {
    product,
    roots: [{ product, publicKeyPem: pemOf(authorities.ark.publicKey) }],
    certificates: [certificates[0], certificates[1], certificates[2]],
    report,
    quote: (publicKeyDer, wanted = {}) => {
      const reportData = createHash("sha256").update(publicKeyDer).digest();
      return {
        format: QUOTE_FORMATS.snp,
        quote: report({ reportData, ...wanted }),
        endorsements: Buffer.from(certificates.join("")),
        uvmEndorsements: new Uint8Array(),
        endorsedTcb: new Uint8Array(),
      };
    },
  };
}

function authorityCertificates(
  { ark, ask }: { ark: Signer; ask: Signer },
  options: ProcessorOptions,
): readonly [string, string] {
  const askCertificate = issueCertificate({
    subject: ask.subject,
    publicKey: authorities.ask.publicKey,
    issuer: ark,
    authority: { pathLength: 0 },
    ...options.ask,
  });
  const arkCertificate = issueCertificate({
    subject: ark.subject,
    publicKey: authorities.ark.publicKey,
    issuer: ark,
    authority: {},
    ...options.ark,
  });
  return [askCertificate, arkCertificate];
}

function vcekExtensions(product: Product, tcbHex: string, chipId: Uint8Array): Extension[] {
  const bytes = Buffer.from(tcbHex, "hex").reverse();
  const parts: Readonly<Record<number, number>> =
    product === "Turin" ? { 9: 0, 1: 1, 2: 2, 3: 3, 8: 7 } : { 1: 0, 2: 1, 3: 6, 8: 7 };
  const tcb = Object.entries(parts).map(([suffix, index]) =>
    rawExtension(`${AMD}.3.${suffix}`, derInteger(bytes.readUInt8(index))),
  );
  const name = Buffer.from(`${product}-B0`, "latin1");
  const productName = Buffer.concat([Buffer.of(0x16, name.length), name]);
  return [rawExtension(`${AMD}.2`, productName), ...tcb, rawExtension(`${AMD}.4`, chipId)];
}

/** One byte as INTEGER in DER. */
export function derInteger(value: number): Buffer {
  return value < 0x80 ? Buffer.of(2, 1, value) : Buffer.of(2, 2, 0, value);
}

function writeReport(product: Product, chipId: Uint8Array, options: ReportOptions): Buffer {
  const { cpu, tcb } = MODELS[product];
  const report = Buffer.alloc(REPORT_BYTES);
  const tcbBytes = Buffer.from(options.reportedTcb ?? tcb, "hex").reverse();
  report.writeUInt32LE(product === "Turin" ? 5 : 3, OFFSETS.version);
  report.writeBigUInt64LE(0x3001fn, OFFSETS.policy);
  report.writeUInt32LE(1, OFFSETS.signatureAlgorithm);
  report.set(options.reportData ?? Buffer.alloc(64), OFFSETS.reportData);
  report.set(options.measurement ?? Buffer.alloc(48, 0xaa), OFFSETS.measurement);
  report.set(options.hostData ?? Buffer.alloc(32, 0xbb), OFFSETS.hostData);
  const versions = ["currentTcb", "reportedTcb", "committedTcb", "launchTcb"] as const;
  for (const field of versions) report.set(tcbBytes, OFFSETS[field]);
  report.set(cpu, OFFSETS.cpu);
  report.set(chipId, OFFSETS.chipId);
  options.change?.(report);
  return report;
}

function signReport(report: Buffer, key: KeyObject): Buffer {
  const signed = report.subarray(0, SIGNED_BYTES);
  const signature = sign("sha384", signed, { key, dsaEncoding: "ieee-p1363" });
  const half = signature.length / 2;
  report.set(Buffer.from(signature.subarray(0, half)).reverse(), OFFSETS.signatureR);
  report.set(Buffer.from(signature.subarray(half)).reverse(), OFFSETS.signatureS);
  return report;
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }).toString();
}
