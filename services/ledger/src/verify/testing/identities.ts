// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { SigningKey, type Curve } from "@consortium/crypto-wasm";
import {
  certificateFacts,
  createCsr,
  createServiceCertificate,
  endorse,
} from "@consortium/kit/x509";

export interface TestService {
  readonly key: SigningKey;
  readonly keyPem: string;
  readonly certPem: string;
  /** Hex SHA-256 of the public key. */
  readonly keyId: string;
}

export interface TestNode {
  readonly key: SigningKey;
  readonly keyPem: string;
  readonly publicKeyPem: string;
  /** Endorsed by the service it was made with. */
  readonly certPem: string;
  readonly nodeId: string;
}

export function createTestService(curve: Curve): TestService {
  const key = SigningKey.generate(curve);
  const keyPem = key.toPkcs8Pem();
  const certPem = createServiceCertificate({ keyPem, subject: "CN=CCF Test Service", days: 90 });
  return { key, keyPem, certPem, keyId: keyId(key) };
}

export function createTestNode(service: TestService, curve: Curve): TestNode {
  const key = SigningKey.generate(curve);
  const keyPem = key.toPkcs8Pem();
  const csr = createCsr({ keyPem, subject: "CN=CCF Node", sans: ["iPAddress:127.0.0.1"] });
  const certPem = endorse({
    csr,
    issuerKeyPem: service.keyPem,
    issuerCert: service.certPem,
    days: 90,
  });
  const { publicKeyPem } = certificateFacts(certPem);
  return { key, keyPem, publicKeyPem, certPem, nodeId: keyId(key) };
}

function keyId(key: SigningKey): string {
  return createHash("sha256").update(key.publicKeySpki()).digest("hex");
}
