// SPDX-License-Identifier: Apache-2.0
import { isConnectionError, type PostgresLog } from "@consortium/kit";
import { type Client, DatabaseError } from "pg";
import { append, type Chunk, findAppended } from "./append.js";
import { Backoff } from "./backoff.js";
import { storeErrors } from "./errors.js";
import { type LeaseHolder, renewLease } from "./lease.js";
import { toStoreError } from "./store-error.js";
import { openWriterConnection } from "./writer-connection.js";

/** Appends and renewals that may wait at once. The pipeline above keeps a few; more is a mistake. */
const WAITING_MAX = 64;

interface Operation {
  /** `undefined` is a renewal of the lease in this view. */
  chunk: Chunk | undefined;
  view: number;
  /** Once sent, only the ledger tells whether it happened. */
  isSent: boolean;
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
}

type Outcome = "done" | "fenced";

/**
 * Sends appends and lease renewals of one holder, in order, without waiting for the answers of earlier ones.
 *
 * An operation has one of three ends: done, fenced, or refused by the database for good. A lost answer is
 * none: the writer connects again, finds out what happened, and sends again what did not. It does so for as
 * long as it takes, until it is closed.
 */
export class Writer {
  readonly #url: string;
  readonly #holder: LeaseHolder;
  readonly #log: PostgresLog;
  /** What has no end yet, in order: first what was sent, then what was not. */
  readonly #operations: Operation[] = [];
  readonly #closing = new AbortController();
  #client: Client | undefined;
  #isRecovering = false;
  #recovery: Promise<void> = Promise.resolve();
  #inFlight = 0;
  #onLanded: (() => void) | undefined;
  #onIdle: (() => void) | undefined;

  constructor(url: string, holder: LeaseHolder, log: PostgresLog) {
    this.#url = url;
    this.#holder = holder;
    this.#log = log;
  }

  async append(chunk: Chunk): Promise<"appended" | "fenced"> {
    const outcome = await this.#submit(chunk, chunk.view);
    return outcome === "done" ? "appended" : "fenced";
  }

  async renew(view: number): Promise<"renewed" | "fenced"> {
    const outcome = await this.#submit(undefined, view);
    return outcome === "done" ? "renewed" : "fenced";
  }

  /** Waits for what is under way, and then gives it up. */
  async close(graceMs: number): Promise<void> {
    if (this.#operations.length > 0) {
      const idle = new Promise<void>((resolve) => (this.#onIdle = resolve));
      const grace = setTimeout(() => this.#onIdle?.(), graceMs);
      await idle;
      clearTimeout(grace);
    }
    this.#closing.abort(closed());
    if (this.#operations.length > 0) this.#drop(this.#client);
    this.#settleAll(closed());
    await this.#recovery;
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  #submit(chunk: Chunk | undefined, view: number): Promise<Outcome> {
    if (this.#closing.signal.aborted) return Promise.reject(closed());
    if (this.#operations.length >= WAITING_MAX) {
      const message = `${WAITING_MAX} appends already wait for the database`;
      return Promise.reject(storeErrors("TOO_MANY_APPENDS", message));
    }
    return new Promise((resolve, reject) => {
      this.#operations.push({ chunk, view, isSent: false, resolve, reject });
      this.#sendAll();
    });
  }

  #sendAll(): void {
    const client = this.#client;
    if (this.#isRecovering) return;
    if (client === undefined) this.#recover();
    else for (const each of this.#operations) if (!each.isSent) void this.#send(client, each);
  }

  async #send(client: Client, operation: Operation): Promise<void> {
    operation.isSent = true;
    this.#inFlight += 1;
    try {
      const outcome = await this.#execute(client, operation);
      // Not moved need not mean fenced: perhaps an append before this one is not on the ledger yet.
      if (outcome === "unmoved") this.#recover();
      else this.#settle(operation, outcome);
    } catch (error) {
      this.#log.warn({ error }, "an append was not answered; looking at the ledger");
      this.#recover();
    }
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#onLanded?.();
  }

  async #execute(client: Client, { chunk, view }: Operation): Promise<Outcome | "unmoved"> {
    if (chunk === undefined) {
      return (await renewLease(client, this.#holder, view)) === "renewed" ? "done" : "fenced";
    }
    return (await append(client, this.#holder, chunk)) === "appended" ? "done" : "unmoved";
  }

  #settle(operation: Operation, outcome: Outcome | Error): void {
    const index = this.#operations.indexOf(operation);
    if (index < 0) return;
    this.#operations.splice(index, 1);
    if (outcome instanceof Error) operation.reject(outcome);
    else operation.resolve(outcome);
    if (this.#operations.length === 0) this.#onIdle?.();
  }

  #settleAll(error: Error): void {
    for (let each = this.#operations[0]; each !== undefined; each = this.#operations[0]) {
      this.#settle(each, error);
    }
  }

  #recover(): void {
    if (this.#isRecovering || this.#closing.signal.aborted) return;
    this.#isRecovering = true;
    this.#recovery = this.#recoverAll().catch((error: unknown) => {
      this.#isRecovering = false;
      // Nothing is left to do but to close: the pauses end with an error then.
      if (!this.#closing.signal.aborted) this.#log.error({ error }, "the ledger writer failed");
    });
  }

  /** Gives everything that was sent its end, one after the other, and then goes on as before. */
  async #recoverAll(): Promise<void> {
    const backoff = new Backoff();
    const { signal } = this.#closing;
    // What is still under way on the old connection is answered, or fails with it.
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#onLanded = resolve));
    for (;;) {
      signal.throwIfAborted();
      try {
        const client = (this.#client ??= await this.#connect());
        const operation = this.#operations[0];
        if (operation === undefined || !operation.isSent) break;
        const outcome = await this.#findOutcome(client, operation);
        // The later appends build on this one: what refuses it refuses them all.
        if (outcome instanceof Error) this.#settleAll(outcome);
        else this.#settle(operation, outcome);
        backoff.reset();
      } catch (error) {
        signal.throwIfAborted();
        this.#log.warn({ error }, "the database does not answer; trying again");
        this.#drop(this.#client);
        await backoff.pause(signal);
      }
    }
    this.#isRecovering = false;
    this.#sendAll();
  }

  /**
   * Finds out what became of an operation, and sends it again if it had no effect. Throws when it cannot find
   * out; an error that is *returned* is the database's last word.
   */
  async #findOutcome(client: Client, operation: Operation): Promise<Outcome | Error> {
    const { chunk, view } = operation;
    // This commit is only acknowledged when all commits before it are as durable as it is: an append that we
    // find on the ledger below is then on the standby too. It also waits for an old session of ours that
    // still holds the head.
    const renewed = await renewLease(client, this.#holder, view);
    if (chunk === undefined) return renewed === "renewed" ? "done" : "fenced";
    for (;;) {
      const found = await findAppended(client, this.#holder, chunk);
      if (found === "appended") return "done";
      if (found === "fenced") return "fenced";
      try {
        if ((await append(client, this.#holder, chunk)) === "appended") return "done";
      } catch (error) {
        if (isFinal(error)) return toStoreError(error);
        throw error;
      }
    }
  }

  async #connect(): Promise<Client> {
    const client = await openWriterConnection(this.#url, this.#log);
    client.on("error", () => this.#drop(client));
    client.on("end", () => this.#drop(client));
    return client;
  }

  /** Without waiting for answers: the connection is broken, or as good as. */
  #drop(client: Client | undefined): void {
    if (client === undefined || this.#client !== client) return;
    this.#client = undefined;
    client.connection.stream.destroy();
  }
}

/** Whether the database has understood and refused, so that trying again is in vain. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return !isConnectionError(error);
  if (isConnectionError(error) || error.severity === "FATAL" || error.severity === "PANIC")
    return false;
  // 22: data, 23: constraint, 42: access, syntax and missing tables, LG: our guards.
  return /^(22|23|42|LG|3F)/.test(error.code ?? "");
}

function closed(): Error {
  return storeErrors("STORE_CLOSED", "the ledger store was closed while something was under way", {
    hint: "The ledger tells at the next start whether it happened.",
  });
}
