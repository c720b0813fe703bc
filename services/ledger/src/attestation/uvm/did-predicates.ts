// SPDX-License-Identifier: Apache-2.0
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  ExtendedKeyUsage,
  id_ce_extKeyUsage,
  id_ce_subjectAltName,
  SubjectAlternativeName,
} from "@peculiar/asn1-x509";
import type { Certificate } from "../x509/index.js";

const SUBJECT_LABELS: ReadonlyMap<string, string> = new Map([
  ["CN", "2.5.4.3"],
  ["C", "2.5.4.6"],
  ["L", "2.5.4.7"],
  ["ST", "2.5.4.8"],
  ["STREET", "2.5.4.9"],
  ["O", "2.5.4.10"],
  ["OU", "2.5.4.11"],
]);

const OID = /^[0-9]+(\.[0-9]+)+$/;
const FULCIO_ISSUER = "1.3.6.1.4.1.57264.1.1";

/** Why an end certificate does not fit a predicate of a did:x509; `undefined` if it does. */
export function predicateFault(end: Certificate, name: string, value: string): string | undefined {
  if (name === "eku") return ekuFault(end, value);
  if (name === "subject") return subjectFault(end, value);
  if (name === "san") return sanFault(end, value);
  if (name === "fulcio-issuer") return fulcioFault(end, value);
  return `the predicate ${name} is unknown`;
}

function ekuFault({ extensions }: Certificate, oid: string): string | undefined {
  const extension = extensions.get(id_ce_extKeyUsage);
  const usages = extension === undefined ? [] : AsnConvert.parse(extension.value, ExtendedKeyUsage);
  return [...usages].includes(oid) ? undefined : `the certificate is not for the usage ${oid}`;
}

/** `CN:Name:O:Organisation`: each of these must be in the subject, once, with exactly this value. */
function subjectFault({ subject }: Certificate, value: string): string | undefined {
  const items = value.split(":");
  if (items.length % 2 !== 0) return "the subject is not made of pairs";
  const seen = new Set<string>();
  for (let index = 0; index < items.length; index += 2) {
    const [label = "", expected = ""] = [items[index], items[index + 1]];
    const oid = SUBJECT_LABELS.get(label) ?? (OID.test(label) ? label : undefined);
    if (oid === undefined) return `${label} is not a part of a subject`;
    if (seen.has(oid)) return `${label} is named twice`;
    seen.add(oid);
    const found = subject.filter((attribute) => attribute.oid === oid);
    if (found.length > 1) return `the subject has more than one ${label}`;
    if (found[0]?.text !== decode(expected)) return `the subject's ${label} is another`;
  }
  return undefined;
}

function sanFault({ extensions }: Certificate, value: string): string | undefined {
  const [type, encoded, ...more] = value.split(":");
  const expected = encoded === undefined ? undefined : decode(encoded);
  if (expected === undefined || more.length > 0) return "the alternative name is malformed";
  const extension = extensions.get(id_ce_subjectAltName);
  const names =
    extension === undefined ? [] : [...AsnConvert.parse(extension.value, SubjectAlternativeName)];
  const texts = names.map((name) => {
    if (type === "email") return name.rfc822Name;
    if (type === "dns") return name.dNSName;
    return type === "uri" ? name.uniformResourceIdentifier : undefined;
  });
  return texts.includes(expected) ? undefined : `the certificate has no such alternative name`;
}

function fulcioFault({ extensions }: Certificate, value: string): string | undefined {
  const extension = extensions.get(FULCIO_ISSUER);
  const issuer = extension && Buffer.from(extension.value).toString("utf8");
  const expected = decode(value);
  if (expected !== undefined && issuer === `https://${expected}`) return undefined;
  return "the certificate was made for another issuer of identities";
}

/** Percent-decoding; `undefined` if the bytes are not UTF-8, which no name in a certificate equals. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
