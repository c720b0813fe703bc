// SPDX-License-Identifier: Apache-2.0
import { SigningKey } from "@consortium/crypto-wasm";
import { scalarOfKey } from "../service/service-key.js";
import type { NodeSecrets, SecretVersion } from "./secret-version.js";

/** What only a trusted ledger node holds, in memory: the service key and the ledger secrets. */
export class ServiceKeys implements Disposable {
  readonly privateKeyPem: string;
  readonly signingKey: SigningKey;
  /** The service certificate in force (PEM). */
  certificate: string;
  readonly #secrets: SecretVersion[];

  constructor(privateKeyPem: string, certificate: string, secrets: readonly SecretVersion[]) {
    this.privateKeyPem = privateKeyPem;
    this.signingKey = SigningKey.fromPem(privateKeyPem);
    this.certificate = certificate;
    this.#secrets = [...secrets].sort((a, b) => a.version - b.version);
  }

  get secrets(): readonly SecretVersion[] {
    return this.#secrets;
  }

  /** The secret that encrypts what is written now. */
  get latestSecret(): SecretVersion {
    const latest = this.#secrets.at(-1);
    if (latest === undefined) throw new Error("a ledger node holds at least one ledger secret");
    return latest;
  }

  /** What a trusted ledger node is given. */
  nodeSecrets(): NodeSecrets {
    return { serviceKeyScalar: scalarOfKey(this.privateKeyPem), secrets: this.#secrets };
  }

  addSecret(secret: SecretVersion): void {
    this.#secrets.push(secret);
  }

  [Symbol.dispose](): void {
    this.signingKey[Symbol.dispose]();
    for (const { raw } of this.#secrets) raw.fill(0);
  }
}
