// SPDX-License-Identifier: Apache-2.0
import { createSelfSigned, generateEcKeyPem } from "@consortium/kit";
import { Child } from "./child.js";
import type { Target } from "./messages.js";

// Types, not interfaces: only those fit what a process may send.
export type EchoRequest = {
  readonly key: string;
  readonly certificate: string;
  readonly clientCertificate: string;
  readonly valueBytes: number;
  readonly receiptBytes: number;
};

export type EchoAnswer = { readonly port: number };

/** As large as ours are on average. */
const RECEIPT_BYTES = 4096;
const VALUE_BYTES = 256;

/** The echo server in a process of its own. */
export class Echo implements Disposable {
  readonly target: Target;
  readonly #child: Child<EchoRequest, EchoAnswer>;

  private constructor(child: Child<EchoRequest, EchoAnswer>, target: Target) {
    this.#child = child;
    this.target = target;
  }

  get pid(): number {
    return this.#child.pid;
  }

  static async start(): Promise<Echo> {
    const server = identity("CN=echo");
    const client = identity("CN=load");
    const child = Child.start<EchoRequest, EchoAnswer>(
      new URL("./echo-program.js", import.meta.url),
    );
    const { port } = await child.ask({
      ...server,
      clientCertificate: client.certificate,
      valueBytes: VALUE_BYTES,
      receiptBytes: RECEIPT_BYTES,
    });
    const address = `127.0.0.1:${port}`;
    return new Echo(child, { address, rootCertificate: server.certificate, ...client });
  }

  [Symbol.dispose](): void {
    this.#child[Symbol.dispose]();
  }
}

/** The curve that nodes and users have. */
function identity(subject: string): { key: string; certificate: string } {
  const key = generateEcKeyPem("Secp384R1");
  const sans = ["iPAddress:127.0.0.1"];
  return { key, certificate: createSelfSigned({ keyPem: key, subject, days: 2, sans }) };
}
