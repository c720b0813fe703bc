// SPDX-License-Identifier: Apache-2.0
import {
  certificateFacts,
  createCsr,
  createServiceCertificate,
  type EcCurve,
  endorse,
  generateEcKeyPem,
} from "@consortium/kit";

/** A node of a service, with the certificate that the service endorsed. */
export interface TestNode {
  readonly nodeId: string;
  readonly privateKeyPem: string;
  readonly certificate: string;
}

/** A service that endorses nodes, for tests. */
export class TestService {
  readonly keyPem = generateEcKeyPem();
  readonly certificate = createServiceCertificate({
    keyPem: this.keyPem,
    subject: "CN=CCF Service",
    days: 30,
  });

  node(options: { privateKeyPem?: string; validFrom?: Date; curve?: EcCurve } = {}): TestNode {
    const privateKeyPem = options.privateKeyPem ?? generateEcKeyPem(options.curve ?? "Secp384R1");
    const csr = createCsr({
      keyPem: privateKeyPem,
      subject: "CN=CCF Node",
      sans: ["iPAddress:127.0.0.1"],
    });
    const certificate = endorse({
      csr,
      issuerKeyPem: this.keyPem,
      issuerCert: this.certificate,
      validFrom: options.validFrom ?? new Date(),
      days: 1,
    });
    return { nodeId: certificateFacts(certificate).nodeId, privateKeyPem, certificate };
  }

  /** Two nodes, the one with the lower id first. */
  pair(): [TestNode, TestNode] {
    const [one, other] = [this.node(), this.node()];
    return one.nodeId < other.nodeId ? [one, other] : [other, one];
  }
}
