// SPDX-License-Identifier: Apache-2.0

/** What the owner of the guest allows the host (firmware ABI, table "Guest Policy"). */
export interface GuestPolicy {
  readonly abiMinor: number;
  readonly abiMajor: number;
  readonly smt: boolean;
  readonly migrateMa: boolean;
  readonly debug: boolean;
  readonly singleSocket: boolean;
  readonly cxlAllowed: boolean;
  readonly memAes256Xts: boolean;
  readonly raplDisabled: boolean;
  readonly ciphertextHidingDram: boolean;
  readonly pageSwapDisabled: boolean;
  /** Bit 17 is always one, 26 to 63 are zero. */
  readonly reservedBitsHold: boolean;
}

export function readGuestPolicy(value: bigint): GuestPolicy {
  return {
    abiMinor: Number(value & 0xffn),
    abiMajor: Number((value >> 8n) & 0xffn),
    smt: bit(value, 16),
    migrateMa: bit(value, 18),
    debug: bit(value, 19),
    singleSocket: bit(value, 20),
    cxlAllowed: bit(value, 21),
    memAes256Xts: bit(value, 22),
    raplDisabled: bit(value, 23),
    ciphertextHidingDram: bit(value, 24),
    pageSwapDisabled: bit(value, 25),
    reservedBitsHold: bit(value, 17) && value >> 26n === 0n,
  };
}

/** How the processor is set up. Facts for people: nothing is decided by them. */
export interface PlatformInfo {
  readonly smtEnabled: boolean;
  readonly tsmeEnabled: boolean;
  readonly eccEnabled: boolean;
  readonly raplDisabled: boolean;
  readonly ciphertextHidingDram: boolean;
  readonly aliasCheckComplete: boolean;
  readonly tioEnabled: boolean;
}

export function readPlatformInfo(value: bigint): PlatformInfo {
  return {
    smtEnabled: bit(value, 0),
    tsmeEnabled: bit(value, 1),
    eccEnabled: bit(value, 2),
    raplDisabled: bit(value, 3),
    ciphertextHidingDram: bit(value, 4),
    aliasCheckComplete: bit(value, 5),
    tioEnabled: bit(value, 7),
  };
}

export const SIGNING_KEYS = { vcek: 0, vlek: 1, none: 7 } as const;

/** Which keys had a part in the report. */
export interface KeyInfo {
  readonly authorKeyEnabled: boolean;
  readonly maskChipKey: boolean;
  /** 0 VCEK, 1 VLEK, 7 none. */
  readonly signingKey: number;
  /** Bits 5 to 31 are zero. */
  readonly reservedBitsHold: boolean;
}

export function readKeyInfo(value: number): KeyInfo {
  return {
    authorKeyEnabled: (value & 1) !== 0,
    maskChipKey: (value & 2) !== 0,
    signingKey: (value >>> 2) & 7,
    reservedBitsHold: value >>> 5 === 0,
  };
}

function bit(value: bigint, index: number): boolean {
  return ((value >> BigInt(index)) & 1n) === 1n;
}
