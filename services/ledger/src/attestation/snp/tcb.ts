// SPDX-License-Identifier: Apache-2.0
import type { Product } from "./product.js";

export const TCB_BYTES = 8;

/** The parts of a TCB version, under the names of the join policy. */
export const TCB_PARTS = ["boot_loader", "tee", "snp", "microcode", "fmc"] as const;
export type TcbPart = (typeof TCB_PARTS)[number];

/** Versions of the firmware below the guest. `fmc` exists on Turin only. */
export type TcbVersion = Readonly<Partial<Record<TcbPart, number>>>;

type Layout = Readonly<Partial<Record<TcbPart, number>>>;

const BEFORE_TURIN: Layout = { boot_loader: 0, tee: 1, snp: 6, microcode: 7 };
const TURIN: Layout = { fmc: 0, boot_loader: 1, tee: 2, snp: 3, microcode: 7 };

/** The byte of each part in the 8 bytes of a TCB version. */
function layoutOf(product: Product): Layout {
  return product === "Turin" ? TURIN : BEFORE_TURIN;
}

/** The parts that a processor of this product has. */
export function tcbPartsOf(product: Product): readonly TcbPart[] {
  const layout = layoutOf(product);
  return TCB_PARTS.filter((part) => layout[part] !== undefined);
}

export function decodeTcb(bytes: Uint8Array, product: Product): TcbVersion {
  const layout = layoutOf(product);
  const entries = tcbPartsOf(product).map((part) => [part, bytes[layout[part] ?? 0] ?? 0] as const);
  return Object.fromEntries(entries);
}

/** The number as it is written: 16 hex digits, highest byte first. */
export function tcbHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).reverse().toString("hex");
}

/** Whether both have the same parts, and each is at least the minimum. */
export function meetsTcb(version: TcbVersion, minimum: TcbVersion): boolean {
  return TCB_PARTS.every((part) => {
    const [have, need] = [version[part], minimum[part]];
    if (have === undefined || need === undefined) return have === need;
    return have >= need;
  });
}

/** `boot_loader 4, tee 0, snp 24, microcode 219` */
export function describeTcb(version: TcbVersion): string {
  return TCB_PARTS.filter((part) => version[part] !== undefined)
    .map((part) => `${part} ${version[part]}`)
    .join(", ");
}
