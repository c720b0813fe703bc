// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import type { PeerCertificate } from "@consortium/kit";
import { keyFromText, type KvReader, TABLES } from "@consortium/ledger";
import { nodeErrors } from "../errors.js";

interface Validity {
  readonly fromMs: number;
  readonly toMs: number;
}

const validities = new WeakMap<PeerCertificate, Validity>();

/**
 * The id of the calling user: the hex SHA-256 of the certificate, which must be registered on the
 * ledger and valid now.
 */
export function authenticateUser(certificate: PeerCertificate | undefined, kv: KvReader): string {
  if (certificate === undefined) {
    throw refused("no client certificate was presented", "pass the user's certificate and key");
  }
  if (kv.get(TABLES.usersCerts, keyFromText(certificate.sha256Hex)) === undefined) {
    throw refused(
      "the client certificate is not that of a registered user",
      "members register a user with `ccfctl propose user add`",
    );
  }
  const { fromMs, toMs } = validityOf(certificate);
  const now = Date.now();
  if (now < fromMs || now > toMs) {
    throw refused(
      "the client certificate is not valid today",
      "make a new certificate and have members register it",
    );
  }
  return certificate.sha256Hex;
}

function validityOf(certificate: PeerCertificate): Validity {
  const known = validities.get(certificate);
  if (known !== undefined) return known;
  const parsed = new X509Certificate(certificate.der);
  const validity = { fromMs: parsed.validFromDate.getTime(), toMs: parsed.validToDate.getTime() };
  validities.set(certificate, validity);
  return validity;
}

function refused(message: string, hint: string): Error {
  return nodeErrors("INVALID_AUTHENTICATION", message, { hint });
}
