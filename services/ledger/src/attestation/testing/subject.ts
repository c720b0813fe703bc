// SPDX-License-Identifier: Apache-2.0
import {
  AttributeTypeAndValue,
  AttributeValue,
  Name,
  RelativeDistinguishedName,
} from "@peculiar/asn1-x509";

const OIDS: Readonly<Record<string, string>> = { CN: "2.5.4.3", O: "2.5.4.10", C: "2.5.4.6" };

/** `CN=Name,O=Organisation` as a name; the same part may come twice. */
export function parseSubject(text: string): Name {
  const parts = text.split(",").map((part) => {
    const [label = "", value = ""] = part.split("=");
    const attribute = new AttributeTypeAndValue({
      type: OIDS[label] ?? label,
      value: new AttributeValue({ utf8String: value }),
    });
    return new RelativeDistinguishedName([attribute]);
  });
  return new Name(parts);
}
