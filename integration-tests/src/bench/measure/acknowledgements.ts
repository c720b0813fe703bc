// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createNetworkClient } from "@consortium/kit";
import { app } from "@consortium/proto";
import type { Cluster } from "../../harness/cluster.js";

const WRITERS = 4;
const WAIT_MS = 60_000;
const POLL_MS = 2;

/** Users that write without a pause at whoever leads, and when they were last answered. */
export class Acknowledgements implements Disposable {
  readonly #network;
  /** The last acknowledged write: its view, and when, of `performance.now()`. */
  #last = { view: 0, at: 0 };
  #failure: Error | undefined;
  #stopped = false;

  constructor({ addresses, consortium: { user, serviceCertificate } }: Cluster) {
    this.#network = createNetworkClient(app.KvServiceClient, {
      addresses,
      rootCertificate: serviceCertificate,
      key: user.key,
      cert: user.certificate,
    });
    for (let writer = 0; writer < WRITERS; writer += 1) {
      this.#write(writer).catch((error: unknown) => {
        if (!this.#stopped) this.#failure = error as Error;
      });
    }
  }

  /** The view of the last acknowledged write. */
  get view(): number {
    return this.#last.view;
  }

  /** When the next write, of such a view, is acknowledged. */
  async next(isWanted: (view: number) => boolean = () => true): Promise<number> {
    const { at } = this.#last;
    const deadline = performance.now() + WAIT_MS;
    while (this.#last.at === at || !isWanted(this.#last.view)) {
      if (this.#failure !== undefined) throw this.#failure;
      if (performance.now() > deadline) throw new Error("no write is acknowledged");
      await sleep(POLL_MS);
    }
    return this.#last.at;
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#network.close();
  }

  async #write(writer: number): Promise<void> {
    const key = Buffer.from(`writer ${writer}`);
    const value = Buffer.alloc(256, writer);
    while (!this.#stopped) {
      const options = {
        idempotencyKey: randomUUID(),
        answerWhen: app.AnswerWhen.COMMITTED,
        claimsDigest: new Uint8Array(),
      };
      const request = { groupId: 0, map: "failover", key, value, options };
      const { transactionId } = await this.#network.call((kv, call) => kv.put(request, call));
      this.#last = { view: Number(transactionId.split(".")[0]), at: performance.now() };
    }
  }
}
