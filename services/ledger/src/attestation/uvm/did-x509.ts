// SPDX-License-Identifier: Apache-2.0
import { createHash, type KeyObject } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { id_ce_keyUsage, KeyUsage, KeyUsageFlags } from "@peculiar/asn1-x509";
import { attestationErrors } from "../errors.js";
import { type Certificate, pathFault } from "../x509/index.js";
import { predicateFault } from "./did-predicates.js";

/** A did:x509 of version 0: an authority, and what its end certificate must say. */
interface DidX509 {
  readonly digest: "sha256" | "sha384" | "sha512";
  /** base64url of the digest of an authority's certificate. */
  readonly fingerprint: string;
  readonly predicates: readonly { readonly name: string; readonly value: string }[];
}

const PREFIX = /^did:x509:0:(sha256|sha384|sha512):([A-Za-z0-9_-]+)$/;
const PREDICATE =
  /^([a-z-]+):((?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+(?::(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+)*)$/;

/**
 * The key that a did:x509 stands for, given a certificate chain with the end certificate first. Dates are
 * not looked at: what was endorsed stays endorsed. Throws `DID_NOT_RESOLVED`.
 */
export function resolveDidX509(did: string, chain: readonly Certificate[]): KeyObject {
  const { digest, fingerprint, predicates } = parseDid(did);
  const [end, ...authorities] = chain;
  if (end === undefined || authorities.length === 0) {
    throw notResolved(did, "the chain has fewer than two certificates");
  }
  const fault = pathFault(chain);
  if (fault !== undefined) throw notResolved(did, fault);
  if (!authorities.some((authority) => fingerprintOf(authority, digest) === fingerprint)) {
    throw notResolved(did, "no authority in the chain has this fingerprint");
  }
  for (const { name, value } of predicates) {
    const mismatch = predicateFault(end, name, value);
    if (mismatch !== undefined) throw notResolved(did, mismatch);
  }
  if (!maySign(end)) throw notResolved(did, "the end certificate is not for signatures");
  return end.x509.publicKey;
}

function parseDid(did: string): DidX509 {
  const [head = "", ...rest] = did.split("::");
  const match = PREFIX.exec(head);
  const digest = match?.[1] as DidX509["digest"] | undefined;
  const fingerprint = match?.[2];
  if (digest === undefined || fingerprint === undefined) {
    throw notResolved(did, "it does not begin with did:x509:0:, a digest and a fingerprint");
  }
  const predicates = rest.map((text) => {
    const [, name, value] = PREDICATE.exec(text) ?? [];
    if (name === undefined || value === undefined) throw notResolved(did, `"${text}" is malformed`);
    return { name, value };
  });
  if (predicates.length === 0) throw notResolved(did, "it says nothing about the end certificate");
  return { digest, fingerprint, predicates };
}

function fingerprintOf({ x509 }: Certificate, digest: DidX509["digest"]): string {
  return createHash(digest).update(x509.raw).digest("base64url");
}

function maySign({ extensions }: Certificate): boolean {
  const usage = extensions.get(id_ce_keyUsage);
  if (usage === undefined) return true;
  const flags = AsnConvert.parse(usage.value, KeyUsage).toNumber();
  return (flags & KeyUsageFlags.digitalSignature) !== 0;
}

function notResolved(did: string, why: string): Error {
  return attestationErrors("DID_NOT_RESOLVED", `${did} does not resolve: ${why}`, {
    details: { did, reason: why },
  });
}
