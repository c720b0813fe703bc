// SPDX-License-Identifier: Apache-2.0
import { isAppError } from "@consortium/kit";
import { app } from "@consortium/proto";
import type { Connections, KvClient } from "./connections.js";

/** In plain text, so that the ledger itself shows what was written. */
export const HISTORY_MAP = "public:history";

const CALL_MS = 3_000;
const PAUSE_MS = 25;
/** What says nothing about whether the write happened, or that it did not: ask again, with the same key. */
const WORTH_REPEATING = new Set(["unavailable", "deadline_exceeded", "cancelled"]);

/** What was promised to a client. */
export interface Acknowledged {
  readonly key: string;
  readonly transactionId: string;
  /** How often it was sent. */
  readonly attempts: number;
}

/** Users that write without a pause, each write until it is acknowledged, whatever happens. */
export class WriteLoad {
  readonly acknowledged: Acknowledged[] = [];
  /** Errors that the writers met and outlived, by code. */
  readonly errors = new Map<string, number>();
  readonly #client: KvClient;
  readonly #writers: Promise<void>[];
  readonly #waiting = new Set<() => void>();
  #stopping = false;
  #failure: Error | undefined;

  private constructor(client: KvClient, writers: number) {
    this.#client = client;
    this.#writers = Array.from({ length: writers }, (_, writer) => this.#write(writer));
  }

  static start(consortium: Connections, writers = 8): WriteLoad {
    return new WriteLoad(consortium.kvClient(), writers);
  }

  /** Resolves when this many more writes are acknowledged than now. */
  async progress(count: number, withinMs = 30_000): Promise<void> {
    const goal = this.acknowledged.length + count;
    const deadline = Date.now() + withinMs;
    while (this.acknowledged.length < goal) {
      if (this.#failure !== undefined) throw this.#failure;
      const missing = goal - this.acknowledged.length;
      if (Date.now() > deadline) throw new Error(`${missing} of ${count} writes are missing`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now() + 1);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Lets every writer finish what it has begun. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#writers);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Sends a write that was acknowledged once more; answers its transaction id. */
  async repeat(key: string): Promise<string> {
    return this.#put(key);
  }

  close(): void {
    this.#stopping = true;
    this.#client.close();
  }

  async #write(writer: number): Promise<void> {
    try {
      for (let index = 0; !this.#stopping; index += 1) await this.#insist(`${writer}-${index}`);
    } catch (error) {
      this.#failure ??= error as Error;
    }
    this.#wake();
  }

  async #insist(key: string): Promise<void> {
    for (let attempts = 1; ; attempts += 1) {
      try {
        const transactionId = await this.#put(key);
        this.acknowledged.push({ key, transactionId, attempts });
        return this.#wake();
      } catch (error) {
        if (!isAppError(error) || !WORTH_REPEATING.has(error.category)) throw error;
        this.errors.set(error.code, (this.errors.get(error.code) ?? 0) + 1);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  async #put(key: string): Promise<string> {
    const options = {
      idempotencyKey: key,
      answerWhen: app.AnswerWhen.COMMITTED,
      claimsDigest: new Uint8Array(),
    };
    const content = { groupId: 0, map: HISTORY_MAP, key: Buffer.from(key), value: valueOf(key) };
    const deadlineMs = CALL_MS;
    const { transactionId } = await this.#client.put({ ...content, options }, { deadlineMs });
    return transactionId;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

export function valueOf(key: string): Uint8Array {
  return Buffer.from(`value of ${key}`);
}
