// SPDX-License-Identifier: Apache-2.0
import {
  connectWritable,
  findEmbeddedPostgres,
  startEmbeddedPostgres,
  stopEmbeddedPostgres,
  withLogin,
} from "@consortium/kit";
import { defaultRoles, ensureServiceRoles, migrate } from "@consortium/ledger";

/** Connection strings of the services' own logins. */
export interface StoreUrls {
  readonly ledger: string;
  readonly governance: string;
  readonly recovery: string;
  readonly auditor: string;
}

/** The schema and the logins, as an operator prepares them. */
export async function prepareStore(adminUrl: string, prefix = "journey"): Promise<StoreUrls> {
  await migrate({ adminUrl });
  return ensureServiceRoles(adminUrl, defaultRoles(prefix));
}

/** The embedded PostgreSQL in a folder of its own. */
export class Database implements AsyncDisposable {
  readonly adminUrl: string;
  readonly urls: StoreUrls;
  readonly #folder: string;

  private constructor(folder: string, adminUrl: string, urls: StoreUrls) {
    this.#folder = folder;
    this.adminUrl = adminUrl;
    this.urls = urls;
  }

  static async start(folder: string): Promise<Database> {
    const { adminUrl } = await startEmbeddedPostgres({ dataDirectory: folder });
    return new Database(folder, adminUrl, await prepareStore(adminUrl));
  }

  /** A second, empty store on the same server. */
  async addStore(name: string): Promise<StoreUrls> {
    const client = await connectWritable({ url: this.adminUrl });
    await client.query(`create database ${name}`);
    await client.end();
    return prepareStore(withLogin(this.adminUrl, { database: name }), name);
  }

  /** Starts it again on the same port, after it was stopped or killed. */
  async resume(): Promise<void> {
    const { adminUrl } = await startEmbeddedPostgres({ dataDirectory: this.#folder });
    if (adminUrl !== this.adminUrl) throw new Error("PostgreSQL came back on another port");
  }

  /** An orderly stop: clients are told. */
  async stop(): Promise<void> {
    await stopEmbeddedPostgres(this.#folder);
  }

  /** As a crash does. PostgreSQL's other processes notice by themselves. */
  async kill(): Promise<void> {
    const found = await findEmbeddedPostgres(this.#folder);
    if (found !== undefined) process.kill(found.pid, "SIGKILL");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
