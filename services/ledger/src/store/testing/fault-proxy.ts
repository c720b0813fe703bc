// SPDX-License-Identifier: Apache-2.0
import { connect, createServer, type Server, type Socket } from "node:net";

/** Stands between a process and its database, and breaks what it is told to break. */
export class FaultProxy implements AsyncDisposable {
  /** The connection string given, through the proxy. */
  readonly url: string;
  /** Called with everything a client sends. Answer how many bytes still pass before both sides are cut. */
  onRequest: ((bytes: Buffer) => number | undefined) | undefined;
  /** Answers of the server are swallowed while this is set. */
  holdsAnswers = false;
  readonly #server: Server;
  readonly #pairs: Set<[Socket, Socket]>;

  private constructor(url: string, server: Server, pairs: Set<[Socket, Socket]>) {
    this.url = url;
    this.#server = server;
    this.#pairs = pairs;
  }

  static async start(databaseUrl: string): Promise<FaultProxy> {
    const target = new URL(databaseUrl);
    const pairs = new Set<[Socket, Socket]>();
    const server = createServer((client) => proxy.#join(client, target));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = new URL(databaseUrl);
    url.port = String(typeof address === "object" ? address?.port : "");
    const proxy = new FaultProxy(url.toString(), server, pairs);
    return proxy;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Breaks every connection, as a network does: without a goodbye. */
  cut(): void {
    for (const [client, upstream] of this.#pairs) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  async close(): Promise<void> {
    this.cut();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #join(client: Socket, target: URL): void {
    const upstream = connect(Number(target.port), target.hostname);
    const pair: [Socket, Socket] = [client, upstream];
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on("error", end);
      socket.on("close", end);
    }
    client.on("data", (bytes: Buffer) => {
      const passing = this.onRequest?.(bytes);
      if (passing === undefined) {
        upstream.write(bytes);
      } else {
        // Written before the connection ends, so that the server may well act on it.
        upstream.end(bytes.subarray(0, passing));
        client.resetAndDestroy();
      }
    });
    upstream.on("data", (bytes: Buffer) => {
      if (!this.holdsAnswers) client.write(bytes);
    });
  }
}
