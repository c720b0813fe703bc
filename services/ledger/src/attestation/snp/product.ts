// SPDX-License-Identifier: Apache-2.0

/** The processors with SEV-SNP, by the names under which AMD certifies them. */
export type Product = "Milan" | "Genoa" | "Turin";

/** What leaf 1 of CPUID says of a processor, as a report of version 3 repeats it. */
export interface CpuModel {
  readonly family: number;
  readonly model: number;
  readonly stepping: number;
}

/** Models of each product by AMD's key distribution; Bergamo and Siena are certified as Genoa. */
const MODELS: readonly { product: Product; family: number; first: number; last: number }[] = [
  { product: "Milan", family: 0x19, first: 0x00, last: 0x0f },
  { product: "Genoa", family: 0x19, first: 0x10, last: 0x1f },
  { product: "Genoa", family: 0x19, first: 0xa0, last: 0xaf },
  { product: "Turin", family: 0x1a, first: 0x00, last: 0x1f },
];

export function productOf({ family, model }: CpuModel): Product | undefined {
  return MODELS.find(
    (range) => range.family === family && model >= range.first && model <= range.last,
  )?.product;
}

/**
 * The CPUID as the join policy names it: 8 lower-case hex digits, `00a00f11`. Most significant bits
 * first: 4 reserved, extended family (8), extended model (4), 4 reserved, base family (4), base model (4),
 * stepping (4). `undefined` if the numbers do not fit.
 */
export function cpuidOf({ family, model, stepping }: CpuModel): string | undefined {
  if (stepping > 0xf) return undefined;
  const baseFamily = Math.min(family, 0xf);
  const value =
    ((family - baseFamily) << 20) |
    ((model >> 4) << 16) |
    (baseFamily << 8) |
    ((model & 0xf) << 4) |
    stepping;
  return value.toString(16).padStart(8, "0");
}
