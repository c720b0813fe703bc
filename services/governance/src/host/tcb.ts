// SPDX-License-Identifier: Apache-2.0
import { guestTypeError } from "./guest-error.js";

/** Zen 5 (family 1Ah) orders the bytes of a TCB version differently and adds the FMC. */
const TURIN_FAMILY = 0x1a;

/** The components of an AMD TCB version, as the join policy stores them. */
export function tcbPolicy(cpuidHex: string, tcbHex: string): Record<string, string | number> {
  if (!/^[0-9a-f]{8}$/i.test(cpuidHex)) throw guestTypeError("CPUID must be 8 hex digits");
  if (!/^[0-9a-f]{16}$/i.test(tcbHex)) throw guestTypeError("TCB version must be 16 hex digits");
  // The text is the number as it is written: its last byte is the lowest.
  const bytes = Buffer.from(tcbHex, "hex").reverse();
  const at = (index: number): number => bytes.readUInt8(index);
  const cpuid = Number.parseInt(cpuidHex, 16);
  if (familyOf(cpuid) === TURIN_FAMILY) {
    return {
      hexstring: tcbHex,
      fmc: at(0),
      boot_loader: at(1),
      tee: at(2),
      snp: at(3),
      microcode: at(7),
    };
  }
  return { hexstring: tcbHex, boot_loader: at(0), tee: at(1), snp: at(6), microcode: at(7) };
}

/** Base and extended family of CPUID leaf 1. */
function familyOf(cpuid: number): number {
  return ((cpuid >>> 8) & 0xf) + ((cpuid >>> 20) & 0xff);
}
