// SPDX-License-Identifier: Apache-2.0

/** One PEM block, lines of 64 characters, a newline at the end, as OpenSSL writes it. */
export function toPem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der).toString("base64");
  const lines = base64.match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/**
 * The bytes of the first block with this label, or undefined when there is none, or when its text
 * is not the one base64 text of these bytes (RFC 4648, 3.5).
 */
export function fromPem(label: string, pem: string): Buffer | undefined {
  const block = new RegExp(
    `-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`,
  ).exec(pem);
  const body = block?.[1]?.replaceAll(/\s/g, "");
  if (body === undefined) return undefined;
  const der = Buffer.from(body, "base64");
  return der.toString("base64") === body ? der : undefined;
}
