// SPDX-License-Identifier: Apache-2.0
import { VerifyingKey } from "@consortium/crypto-wasm";
import { type CertificateFacts, certificateFacts, isIssuedBy } from "@consortium/kit";
import { channelErrors } from "./errors.js";
import { textOf } from "./wire.js";

const ONE_CERTIFICATE =
  /^-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----(\r?\n)?$/;

/**
 * The key of a peer's certificate, if the service endorsed the certificate and the key is the node's.
 * Validity times are not looked at: the nodes of a service whose certificates have run out must still
 * reach each other to renew them.
 */
export function verifyPeerCertificate(
  certificate: Uint8Array,
  peerId: string,
  serviceCertificate: string,
): VerifyingKey {
  const facts = readCertificate(certificate);
  if (facts.nodeId !== peerId) {
    throw refused(`the certificate belongs to node ${facts.nodeId}, not to ${peerId}`);
  }
  if (!isIssuedBy(facts.pem, serviceCertificate)) {
    throw refused(`the certificate of node ${peerId} is not endorsed by this service`);
  }
  try {
    return VerifyingKey.fromSpki(facts.publicKeySpki);
  } catch (cause) {
    throw refused("the certificate's key cannot be used", cause);
  }
}

function readCertificate(certificate: Uint8Array): CertificateFacts {
  const pem = textOf(certificate, "certificate");
  if (!ONE_CERTIFICATE.test(pem)) throw refused("this is not one certificate in PEM");
  try {
    return certificateFacts(pem);
  } catch (cause) {
    throw refused("this is not a readable certificate", cause);
  }
}

function refused(reason: string, cause?: unknown): Error {
  return channelErrors("CHANNEL_CERTIFICATE_REFUSED", `a peer is refused: ${reason}`, {
    cause,
    hint: "a node shows the certificate that this service endorsed for it",
  });
}
