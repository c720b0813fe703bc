// SPDX-License-Identifier: Apache-2.0
import { isIP } from "node:net";
import {
  AttributeTypeAndValue,
  AttributeValue,
  GeneralName,
  Name,
  RelativeDistinguishedName,
} from "@peculiar/asn1-x509";
import { kitErrors } from "../errors/kit-errors.js";

const ATTRIBUTE_OIDS: Readonly<Record<string, string>> = {
  CN: "2.5.4.3",
  C: "2.5.4.6",
  L: "2.5.4.7",
  ST: "2.5.4.8",
  O: "2.5.4.10",
  OU: "2.5.4.11",
};

/**
 * Reads a subject such as `CN=CCF Node,O=Example`. A comma inside a value is written `\,`.
 * The order is kept as written.
 */
export function parseSubject(text: string): Name {
  const parts = text.split(/(?<!\\),/).map((part) => part.trim());
  return new Name(parts.map((part) => parseAttribute(part, text)));
}

function parseAttribute(part: string, whole: string): RelativeDistinguishedName {
  const match = /^([A-Za-z]+)\s*=\s*(.+)$/s.exec(part);
  const type = ATTRIBUTE_OIDS[match?.[1]?.toUpperCase() ?? ""];
  const value = match?.[2]?.replace(/\\(.)/g, "$1");
  if (type === undefined || value === undefined) {
    throw kitErrors(
      "SUBJECT_NAME_INVALID",
      `the subject name ${JSON.stringify(whole)} cannot be read`,
      {
        hint: `Write it as CN=NAME, with ${Object.keys(ATTRIBUTE_OIDS).join(", ")} separated by commas.`,
      },
    );
  }
  // A country is a PrintableString by definition, everything else is UTF-8.
  const text = type === ATTRIBUTE_OIDS["C"] ? { printableString: value } : { utf8String: value };
  return new RelativeDistinguishedName([
    new AttributeTypeAndValue({ type, value: new AttributeValue(text) }),
  ]);
}

/** Reads `iPAddress:10.0.0.1` and `dNSName:node.example`, the forms of CCF's configuration. */
export function parseSubjectAltName(text: string): GeneralName {
  const match = /^(iPAddress|dNSName):(.+)$/.exec(text);
  const [kind, value] = [match?.[1], match?.[2]];
  if (kind === "iPAddress" && value !== undefined && isIP(value) !== 0) {
    return new GeneralName({ iPAddress: value });
  }
  if (kind === "dNSName" && value !== undefined && /^[A-Za-z0-9*_.-]{1,253}$/.test(value)) {
    return new GeneralName({ dNSName: value });
  }
  throw kitErrors(
    "SUBJECT_NAME_INVALID",
    `the alternative name ${JSON.stringify(text)} cannot be read`,
    {
      hint: "Write it as iPAddress:10.0.0.1 or dNSName:node.example.",
    },
  );
}

/** The alternative name of a host: an address becomes `iPAddress:…`, a name `dNSName:…`. */
export function subjectAltNameOfHost(host: string): string {
  return isIP(host) === 0 ? `dNSName:${host}` : `iPAddress:${host}`;
}
