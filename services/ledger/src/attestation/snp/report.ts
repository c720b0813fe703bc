// SPDX-License-Identifier: Apache-2.0
import { attestationErrors } from "../errors.js";
import type { CpuModel } from "./product.js";
import {
  type GuestPolicy,
  type KeyInfo,
  type PlatformInfo,
  readGuestPolicy,
  readKeyInfo,
  readPlatformInfo,
} from "./report-bits.js";
import { TCB_BYTES } from "./tcb.js";

export const REPORT_BYTES = 0x4a0;
/** The signature covers what is before it. */
export const SIGNED_BYTES = 0x2a0;
const SIGNATURE_FIELD_BYTES = 72;

/** Where the fields are (AMD 56860, table "ATTESTATION_REPORT"); integers are little-endian. */
export const OFFSETS = {
  version: 0x000,
  guestSvn: 0x004,
  policy: 0x008,
  familyId: 0x010,
  imageId: 0x020,
  vmpl: 0x030,
  signatureAlgorithm: 0x034,
  currentTcb: 0x038,
  platformInfo: 0x040,
  keyInfo: 0x048,
  reportData: 0x050,
  measurement: 0x090,
  hostData: 0x0c0,
  idKeyDigest: 0x0e0,
  authorKeyDigest: 0x110,
  reportId: 0x140,
  reportIdMa: 0x160,
  reportedTcb: 0x180,
  cpu: 0x188,
  chipId: 0x1a0,
  committedTcb: 0x1e0,
  currentVersion: 0x1e8,
  committedVersion: 0x1ec,
  launchTcb: 0x1f0,
  launchMitigations: 0x1f8,
  currentMitigations: 0x200,
  signatureR: SIGNED_BYTES,
  signatureS: SIGNED_BYTES + SIGNATURE_FIELD_BYTES,
} as const;

/** What a report of version 3 to 5 leaves empty: first byte and the one after the last. */
const RESERVED: readonly (readonly [number, number])[] = [
  [0x04c, 0x050],
  [0x18b, 0x1a0],
  [0x1eb, 0x1ec],
  [0x1ef, 0x1f0],
  [0x208, SIGNED_BYTES],
];
/** The bytes after r and s are outside the signature: they are zero in every version. */
const SIGNATURE_END = SIGNED_BYTES + 2 * SIGNATURE_FIELD_BYTES;

/** A report as it stands. Reading it proves nothing. */
export interface SnpReport {
  readonly bytes: Uint8Array;
  readonly version: number;
  readonly guestSvn: number;
  readonly policy: GuestPolicy;
  readonly familyId: Uint8Array;
  readonly imageId: Uint8Array;
  readonly vmpl: number;
  /** 1 is ECDSA on P-384 with SHA-384. */
  readonly signatureAlgorithm: number;
  readonly currentTcb: Uint8Array;
  readonly platformInfo: PlatformInfo;
  readonly keyInfo: KeyInfo;
  /** 64 bytes of the guest; a node writes the hash of its key into the first 32. */
  readonly reportData: Uint8Array;
  /** 48 bytes: SHA-384 over the memory the guest was launched with. */
  readonly measurement: Uint8Array;
  /** 32 bytes of the host at launch: the hash of a security policy. */
  readonly hostData: Uint8Array;
  readonly idKeyDigest: Uint8Array;
  readonly authorKeyDigest: Uint8Array;
  readonly reportId: Uint8Array;
  readonly reportIdMa: Uint8Array;
  readonly reportedTcb: Uint8Array;
  /** From version 3 on. */
  readonly cpu: CpuModel;
  readonly chipId: Uint8Array;
  readonly committedTcb: Uint8Array;
  /** `major.minor.build` of the firmware. */
  readonly currentVersion: string;
  readonly committedVersion: string;
  readonly launchTcb: Uint8Array;
  /** From version 5 on. */
  readonly launchMitigations: bigint;
  readonly currentMitigations: bigint;
  /** 72 bytes each, little-endian. */
  readonly signatureR: Uint8Array;
  readonly signatureS: Uint8Array;
}

/** Reads a report of exactly 1184 bytes. Throws `REPORT_MALFORMED`. */
export function parseReport(input: Uint8Array): SnpReport {
  if (input.length !== REPORT_BYTES) {
    throw attestationErrors(
      "REPORT_MALFORMED",
      `a report of SEV-SNP has ${REPORT_BYTES} bytes, this has ${input.length}`,
      { details: { bytes: String(input.length) } },
    );
  }
  const bytes = Buffer.from(input);
  const u32 = (offset: number): number => bytes.readUInt32LE(offset);
  const part = (offset: number, length: number): Uint8Array =>
    Uint8Array.from(bytes.subarray(offset, offset + length));
  const firmware = (offset: number): string =>
    [2, 1, 0].map((index) => bytes.readUInt8(offset + index)).join(".");
  const at = OFFSETS;
  return {
    bytes: part(0, REPORT_BYTES),
    version: u32(at.version),
    guestSvn: u32(at.guestSvn),
    policy: readGuestPolicy(bytes.readBigUInt64LE(at.policy)),
    familyId: part(at.familyId, 16),
    imageId: part(at.imageId, 16),
    vmpl: u32(at.vmpl),
    signatureAlgorithm: u32(at.signatureAlgorithm),
    currentTcb: part(at.currentTcb, TCB_BYTES),
    platformInfo: readPlatformInfo(bytes.readBigUInt64LE(at.platformInfo)),
    keyInfo: readKeyInfo(u32(at.keyInfo)),
    reportData: part(at.reportData, 64),
    measurement: part(at.measurement, 48),
    hostData: part(at.hostData, 32),
    idKeyDigest: part(at.idKeyDigest, 48),
    authorKeyDigest: part(at.authorKeyDigest, 48),
    reportId: part(at.reportId, 32),
    reportIdMa: part(at.reportIdMa, 32),
    reportedTcb: part(at.reportedTcb, TCB_BYTES),
    cpu: {
      family: bytes.readUInt8(at.cpu),
      model: bytes.readUInt8(at.cpu + 1),
      stepping: bytes.readUInt8(at.cpu + 2),
    },
    chipId: part(at.chipId, 64),
    committedTcb: part(at.committedTcb, TCB_BYTES),
    currentVersion: firmware(at.currentVersion),
    committedVersion: firmware(at.committedVersion),
    launchTcb: part(at.launchTcb, TCB_BYTES),
    launchMitigations: bytes.readBigUInt64LE(at.launchMitigations),
    currentMitigations: bytes.readBigUInt64LE(at.currentMitigations),
    signatureR: part(at.signatureR, SIGNATURE_FIELD_BYTES),
    signatureS: part(at.signatureS, SIGNATURE_FIELD_BYTES),
  };
}

/** The first reserved byte inside the signed part that is not zero. */
export function usedReservedByte({ bytes }: SnpReport): number | undefined {
  for (const [start, end] of RESERVED) {
    const found = bytes.subarray(start, end).findIndex((byte) => byte !== 0);
    if (found !== -1) return start + found;
  }
  return undefined;
}

/** Whether nothing stands behind the signature, where it would not be signed. */
export function isEmptyBehindSignature({ bytes }: SnpReport): boolean {
  return bytes.subarray(SIGNATURE_END).every((byte) => byte === 0);
}
