// SPDX-License-Identifier: Apache-2.0
import { type Logger, writeFileAtomic } from "@consortium/kit";
import { keyFromText, type NodeIdentity, rows, SINGLETON_KEY, TABLES } from "@consortium/ledger";
import type { NodeServers } from "./servers.js";
import type { NodeView } from "./status/node-view.js";

export interface NodeCertificatesOptions {
  readonly identity: NodeIdentity;
  readonly view: NodeView;
  readonly servers: NodeServers;
  readonly certificateFile: string;
  readonly serviceCertificateFile: string;
  readonly log: Logger;
}

/**
 * Follows what the ledger says of this node's certificate and the service's: a renewed one is shown
 * to new connections at once, named in the next signatures, and written to its file.
 */
export class NodeCertificates {
  readonly #options: NodeCertificatesOptions;
  #nodeVersion = 0;
  #serviceVersion = 0;
  #node = "";
  #service = "";
  #writing: Promise<void> = Promise.resolve();

  constructor(options: NodeCertificatesOptions) {
    this.#options = options;
  }

  get serviceCertificate(): string {
    return this.#service;
  }

  /** Looks whether the ledger has newer certificates. Cheap: called after every commit. */
  refresh(): void {
    const { view, identity, servers, certificateFile, serviceCertificateFile } = this.#options;
    const kv = view.group?.committed;
    if (kv === undefined) return;
    const own = kv.get(TABLES.nodesEndorsedCertificates, keyFromText(identity.nodeId));
    const service = kv.get(TABLES.serviceInfo, SINGLETON_KEY);
    const isNodeNew = own !== undefined && own.version !== this.#nodeVersion;
    const isServiceNew = service !== undefined && service.version !== this.#serviceVersion;
    if (!isNodeNew && !isServiceNew) return;
    if (own !== undefined) {
      this.#nodeVersion = own.version;
      this.#node = Buffer.from(own.value).toString("utf8");
    }
    if (service !== undefined) {
      this.#serviceVersion = service.version;
      this.#service = rows.serviceInfo.decode(service.value).cert;
    }
    if (this.#node === "") return;
    servers.updateCertificate({ key: identity.privateKeyPem, cert: this.#node });
    servers.hub.updateCertificates(this.#node, this.#service);
    view.member?.updateCertificate(this.#node);
    this.#write(certificateFile, this.#node);
    this.#write(serviceCertificateFile, this.#service);
  }

  /** Resolves when the files are written. */
  written(): Promise<void> {
    return this.#writing;
  }

  #write(file: string, pem: string): void {
    this.#writing = this.#writing
      .then(() => writeFileAtomic(file, pem))
      .catch((error: unknown) => {
        this.#options.log.error({ err: error, file }, "could not write a certificate");
      });
  }
}
