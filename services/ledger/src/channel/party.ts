// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { EcdhKeyPair, SigningKey, type VerifyingKey } from "@consortium/crypto-wasm";
import { certificateFacts } from "@consortium/kit";
import { verifyPeerCertificate } from "./certificate.js";
import { channelErrors } from "./errors.js";
import type { Party } from "./key-exchange.js";
import { utf8 } from "./wire.js";

export interface PartyOptions {
  readonly identity: { readonly nodeId: string; readonly privateKeyPem: string };
  readonly nodeCertificate: string;
  readonly serviceCertificate: string;
}

/** This node in key exchanges. Its certificate and the service's can be renewed at any time. */
export class LocalParty implements Party {
  readonly nodeId: string;
  readonly #key: SigningKey;
  #certificate: Uint8Array;
  #serviceCertificate: string;

  constructor({ identity, nodeCertificate, serviceCertificate }: PartyOptions) {
    this.nodeId = identity.nodeId;
    this.#certificate = ownCertificate(nodeCertificate, identity.nodeId);
    this.#serviceCertificate = certificateFacts(serviceCertificate).pem;
    this.#key = SigningKey.fromPem(identity.privateKeyPem);
  }

  get certificate(): Uint8Array {
    return this.#certificate;
  }

  updateCertificate(nodeCertificate: string): void {
    this.#certificate = ownCertificate(nodeCertificate, this.nodeId);
  }

  updateServiceCertificate(serviceCertificate: string): void {
    this.#serviceCertificate = certificateFacts(serviceCertificate).pem;
  }

  sign(message: Uint8Array): Uint8Array {
    return this.#key.sign(message);
  }

  verifyCertificate(certificate: Uint8Array, peerId: string): VerifyingKey {
    return verifyPeerCertificate(certificate, peerId, this.#serviceCertificate);
  }

  randomBytes(length: number): Uint8Array {
    return new Uint8Array(randomBytes(length));
  }

  newShare(): EcdhKeyPair {
    return EcdhKeyPair.generate();
  }

  dispose(): void {
    this.#key.dispose();
  }
}

function ownCertificate(pem: string, nodeId: string): Uint8Array {
  const facts = certificateFacts(pem);
  if (facts.nodeId === nodeId) return utf8(facts.pem);
  throw channelErrors(
    "CHANNEL_CERTIFICATE_REFUSED",
    `the certificate belongs to node ${facts.nodeId}, this node is ${nodeId}`,
  );
}
