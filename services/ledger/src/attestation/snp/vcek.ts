// SPDX-License-Identifier: Apache-2.0
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import type { Certificate } from "../x509/index.js";
import type { Product } from "./product.js";
import { type TcbPart, tcbPartsOf, type TcbVersion } from "./tcb.js";

/** Extensions of a VCEK (AMD 57230, tables 10 and 11). */
const AMD = "1.3.6.1.4.1.3704.1";
const PRODUCT_NAME = `${AMD}.2`;
const CHIP_ID = `${AMD}.4`;
const TCB_PART: Readonly<Record<TcbPart, string>> = {
  boot_loader: `${AMD}.3.1`,
  tee: `${AMD}.3.2`,
  snp: `${AMD}.3.3`,
  microcode: `${AMD}.3.8`,
  fmc: `${AMD}.3.9`,
};

const TAG_INTEGER = 0x02;
const TAG_OCTET_STRING = 0x04;
const TAG_IA5_STRING = 0x16;

/** The TCB version for which AMD made the key. Throws if a part is missing or no byte. */
export function endorsedTcb(vcek: Certificate, product: Product): TcbVersion {
  return Object.fromEntries(tcbPartsOf(product).map((part) => [part, tcbPart(vcek, part)]));
}

/** How many bytes of a report's chip id name the chip. */
export function chipIdBytes(product: Product): number {
  return product === "Turin" ? 8 : 64;
}

/** The chip whose key it is. The bytes stand in the extension bare, or as an OCTET STRING. */
export function endorsedChipId(vcek: Certificate, product: Product): Uint8Array {
  const value = extensionOf(vcek, CHIP_ID, "chip id");
  const length = chipIdBytes(product);
  const isWrapped = value.length === length + 2 && value[0] === TAG_OCTET_STRING;
  const bytes = isWrapped ? new Uint8Array(AsnConvert.parse(value, OctetString).buffer) : value;
  if (bytes.length === length) return bytes;
  throw new RangeError(`the VCEK's chip id has ${bytes.length} bytes, not ${length}`);
}

/** The product and its revision as AMD wrote them, `Milan-B0`: for people. */
export function endorsedProductName({ extensions }: Certificate): string | undefined {
  const value = extensions.get(PRODUCT_NAME)?.value;
  if (value?.[0] !== TAG_IA5_STRING || value[1] !== value.length - 2) return undefined;
  return Buffer.from(value.subarray(2)).toString("latin1");
}

function tcbPart(vcek: Certificate, part: TcbPart): number {
  const value = extensionOf(vcek, TCB_PART[part], part);
  const number = readInteger(value);
  if (number !== undefined && number >= 0n && number <= 0xffn) return Number(number);
  throw new RangeError(`the VCEK's ${part} is not a byte`);
}

/** One INTEGER of a few bytes in DER and nothing after it. */
function readInteger(value: Uint8Array): bigint | undefined {
  const length = value[1];
  const fits = length !== undefined && length >= 1 && length <= 8 && value.length === length + 2;
  if (value[0] !== TAG_INTEGER || !fits) return undefined;
  return BigInt.asIntN(8 * length, BigInt(`0x${Buffer.from(value.subarray(2)).toString("hex")}`));
}

function extensionOf({ extensions }: Certificate, oid: string, what: string): Uint8Array {
  const value = extensions.get(oid)?.value;
  if (value !== undefined) return value;
  throw new RangeError(`the VCEK has no ${what} (extension ${oid})`);
}
