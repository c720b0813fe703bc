// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { certificateFacts, isAppError, type Logger } from "@consortium/kit";
import type { KvReader, WriteSet } from "../kv/index.js";
import { SINGLETON_KEY } from "../kv/index.js";
import { Replica } from "../replica/index.js";
import type { GroupReader } from "../store/index.js";
import { rows, TABLES } from "../tables/index.js";
import { parseTransactionId } from "../entry/index.js";
import {
  channelAddress,
  type ChannelClient,
  connectChannel,
  encodePrepared,
  type PreparedTransaction,
} from "./channel-client.js";
import { peerErrors } from "./errors.js";
import type { NodeIdentity } from "./identity.js";

export interface FollowerOptions {
  readonly identity: NodeIdentity;
  /** Endorsed by the service. */
  readonly nodeCertificate: string;
  /** PEM; a ledger of another service is refused. */
  readonly serviceCertificate: string;
  readonly store: GroupReader;
  readonly log: Logger;
}

/** One verified state, as of a seqno. */
export interface Snapshot {
  readonly kv: KvReader;
  readonly seqno: number;
  /** The view of that seqno. */
  readonly view: number;
  /** The Merkle root over every entry up to the seqno. */
  readonly root: Uint8Array;
}

/** Called with the public writes of each entry, once its chunk is verified. */
export type EntryListener = (seqno: number, writes: WriteSet) => void;

const RECONNECT_MS = 100;

/**
 * A replica of the main ledger that keeps up with the primary: from the store up to its head, then
 * chunk by chunk over a channel. Both are verified alike, so neither is trusted.
 */
export class LedgerFollower implements AsyncDisposable {
  readonly #options: FollowerOptions;
  readonly #replica: Replica;
  readonly #serviceKeyId: string;
  readonly #listeners = new Set<EntryListener>();
  readonly #stopping = new AbortController();
  readonly #waiting: { seqno: number; wake: () => void }[] = [];
  #channel: { holder: string; client: ChannelClient } | undefined;
  #following: Promise<void> | undefined;
  #fault: Error | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#serviceKeyId = certificateFacts(options.serviceCertificate).nodeId;
    this.#replica = new Replica({ onEntry: (seqno, writes) => this.#onEntry(seqno, writes) });
  }

  /** Reads the ledger up to its head, then follows it in the background. */
  async start(): Promise<void> {
    await this.#catchUp();
    this.#following = this.#follow();
  }

  /** Why the follower has stopped, if it has: what it was sent is not the ledger it knows. */
  get fault(): Error | undefined {
    return this.#fault;
  }

  snapshot(): Snapshot {
    if (this.#fault !== undefined) throw this.#fault;
    const { kv, seqno, history } = this.#replica;
    const view = history.viewOf(seqno) ?? 0;
    return { kv: kv.committed, seqno, view, root: this.#replica.root() };
  }

  /** Sees every entry that is verified from now on. */
  onEntry(listener: EntryListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the replica has reached a seqno. */
  async reached(seqno: number, signal?: AbortSignal): Promise<void> {
    while (this.#replica.seqno < seqno) {
      if (this.#fault !== undefined) throw this.#fault;
      signal?.throwIfAborted();
      await new Promise<void>((wake) => {
        this.#waiting.push({ seqno, wake });
        signal?.addEventListener("abort", () => wake(), { once: true });
      });
    }
  }

  /**
   * Has the primary order a transaction, and waits until it is in the replica. Throws
   * `TRANSACTION_CONFLICT` when something it read has changed.
   */
  async submit(
    prepared: PreparedTransaction,
    signal?: AbortSignal,
  ): Promise<{ transactionId: string }> {
    const client = await this.#primary();
    try {
      const request = encodePrepared(0, prepared);
      const options = signal === undefined ? {} : { signal };
      const { transactionId } = await client.submitTransaction(request, options);
      await this.reached(parseTransactionId(transactionId)?.seqno ?? 0, signal);
      return { transactionId };
    } catch (error) {
      // Whoever leads now may be another; ask anew the next time.
      if (isAppError(error) && error.category === "unavailable") this.#disconnect();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#disconnect();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && this.#fault === undefined) {
      try {
        const client = await this.#primary();
        const request = { groupId: 0, fromSeqno: BigInt(this.#replica.seqno + 1) };
        for await (const chunk of client.followLedger(request, { signal })) {
          if (Number(chunk.lastSeqno) > this.#replica.seqno) this.#feed(chunk.entries);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#options.log.debug(
          { err: error },
          "the channel to the primary has ended; reconnecting",
        );
      }
      this.#disconnect();
      await sleep(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
      await this.#catchUp().catch((error: unknown) => {
        if (!signal.aborted) this.#options.log.warn({ err: error }, "cannot read the store");
      });
    }
  }

  async #catchUp(): Promise<void> {
    const { store } = this.#options;
    const head = await store.readHead();
    if (head.lastSeqno < this.#replica.seqno) throw this.#fail(this.#rolledBack(head.lastSeqno));
    if (head.lastSeqno === this.#replica.seqno) return;
    for await (const { entries } of store.replay(this.#replica.seqno + 1, this.#stopping.signal)) {
      this.#feed(entries);
    }
  }

  #feed(entries: Uint8Array): void {
    try {
      this.#replica.feed(entries);
    } catch (error) {
      throw this.#fail(error as Error);
    }
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.seqno <= this.#replica.seqno) waiting.wake();
      else this.#waiting.push(waiting);
    }
  }

  #onEntry(seqno: number, writes: WriteSet): void {
    const row = writes.get(TABLES.serviceInfo)?.get(SINGLETON_KEY);
    if (row !== undefined && row !== null) {
      const { nodeId: keyId } = certificateFacts(rows.serviceInfo.decode(row).cert);
      if (keyId !== this.#serviceKeyId) {
        throw peerErrors(
          "OTHER_SERVICE",
          "the ledger belongs to another service than this node joined",
          {
            hint: "check the store's connection string and the service certificate",
          },
        );
      }
    }
    for (const listener of this.#listeners) listener(seqno, writes);
  }

  async #primary(): Promise<ChannelClient> {
    if (this.#channel !== undefined) return this.#channel.client;
    const head = await this.#options.store.readHead();
    if (head.holder === undefined) {
      throw peerErrors("NOT_PRIMARY", "no node leads the main ledger now", {
        hint: "try again in a moment; start a ledger node if none runs",
        retryAfterMs: 500,
      });
    }
    const { identity, nodeCertificate, serviceCertificate } = this.#options;
    const client = connectChannel({
      address: channelAddress(head.holder, this.#replica.kv.committed),
      serviceCertificate,
      identity,
      nodeCertificate,
    });
    this.#channel = { holder: head.holder, client };
    return client;
  }

  #disconnect(): void {
    this.#channel?.client.close();
    this.#channel = undefined;
  }

  #rolledBack(found: number): Error {
    return peerErrors(
      "LEDGER_ROLLED_BACK",
      `this node has verified the ledger up to seqno ${this.#replica.seqno}, the store ends at ${found}`,
      { hint: "restore the newest copy of the database; if none has it, recover the service" },
    );
  }

  #fail(error: Error): Error {
    this.#fault = error;
    this.#options.log.error({ err: error }, "stopped following the ledger");
    for (const waiting of this.#waiting.splice(0)) waiting.wake();
    return error;
  }
}
