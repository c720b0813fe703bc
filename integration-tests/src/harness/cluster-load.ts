// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { createNetworkClient, isAppError, type NetworkClient } from "@consortium/kit";
import { app } from "@consortium/proto";
import type { Cluster, ClusterNode } from "./cluster.js";
import { type Acknowledged, HISTORY_MAP, valueOf } from "./write-load.js";

/** One register per writer, overwritten with the numbers 1, 2, 3 … */
const REGISTERS = "public:registers";

type Kv = NetworkClient<typeof app.KvServiceService>;

/** A read at a node that led before and after it, in the same view. */
interface RegisterRead {
  readonly register: number;
  readonly value: number;
  readonly begin: number;
  readonly end: number;
}

/** When a value of a register was sent, and when it was acknowledged. */
interface RegisterWrite {
  readonly value: number;
  readonly begin: number;
  end: number;
}

/**
 * Users that write without a pause through a client that finds the primary, and readers that ask the
 * primary: everything they see is judged at the end.
 */
export class ClusterLoad implements Disposable {
  readonly acknowledged: Acknowledged[] = [];
  /** The longest time without an acknowledgement since the last look. */
  longestPauseMs = 0;
  readonly #cluster: Cluster;
  readonly #network: Kv;
  readonly #writes: RegisterWrite[][];
  readonly #reads: RegisterRead[] = [];
  readonly #tasks: Promise<void>[];
  #stopping = false;
  #failure: Error | undefined;
  #lastAt = performance.now();

  private constructor(cluster: Cluster, writers: number) {
    this.#cluster = cluster;
    const { user, serviceCertificate: rootCertificate } = cluster.consortium;
    this.#network = createNetworkClient(app.KvServiceClient, {
      addresses: cluster.addresses,
      rootCertificate,
      key: user.key,
      cert: user.certificate,
    });
    this.#writes = Array.from({ length: writers }, () => []);
    this.#tasks = [
      ...this.#writes.map((_, writer) => this.#guard(() => this.#write(writer))),
      this.#guard(() => this.#read()),
    ];
  }

  static start(cluster: Cluster, writers = 6): ClusterLoad {
    return new ClusterLoad(cluster, writers);
  }

  get reads(): number {
    return this.#reads.length;
  }

  get primaryAddress(): string | undefined {
    return this.#network.primaryAddress;
  }

  /** Resolves when this many more writes are acknowledged than now. */
  async progress(count: number, withinMs = 20_000): Promise<void> {
    const goal = this.acknowledged.length + count;
    const deadline = performance.now() + withinMs;
    while (this.acknowledged.length < goal) {
      if (this.#failure !== undefined) throw this.#failure;
      if (performance.now() > deadline) throw new Error(`${goal} writes were not reached in time`);
      await sleep(5);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#tasks);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Each register has one writer and growing values, so that three rules say linearizable. */
  checkReads(): void {
    for (const [register, writes] of this.#writes.entries()) {
      const reads = this.#reads.filter((read) => read.register === register);
      let seen = { end: -1, value: 0 };
      const ended = [...reads].sort((a, b) => a.end - b.end);
      for (const read of [...reads].sort((a, b) => a.begin - b.begin)) {
        const acknowledged = writes.filter(({ end }) => end < read.begin).at(-1)?.value ?? 0;
        const sent = writes.filter(({ begin }) => begin < read.end).at(-1)?.value ?? 0;
        assert.ok(read.value >= acknowledged, `stale: ${read.value} after ${acknowledged}`);
        assert.ok(read.value <= sent, `from the future: ${read.value} before ${sent}`);
        while (ended[0] !== undefined && ended[0].end < read.begin) {
          const earlier = ended.shift();
          if (earlier !== undefined && earlier.value > seen.value) seen = earlier;
        }
        assert.ok(read.value >= seen.value, `back in time: ${read.value} after ${seen.value}`);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#stopping = true;
    this.#network.close();
  }

  async #guard(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!this.#stopping) this.#failure ??= error as Error;
    }
  }

  async #write(writer: number): Promise<void> {
    for (let index = 1; !this.#stopping; index += 1) {
      const key = `${writer}-${index}`;
      const write: RegisterWrite = { value: index, begin: performance.now(), end: Infinity };
      this.#writes[writer]?.push(write);
      let attempts = 0;
      const transactionId = await this.#network.call(async (kv, options) => {
        attempts += 1;
        return (await kv.txn(request(writer, index, key), options)).transactionId;
      });
      write.end = performance.now();
      this.longestPauseMs = Math.max(this.longestPauseMs, write.end - this.#lastAt);
      this.#lastAt = write.end;
      this.acknowledged.push({ key, transactionId, attempts });
    }
  }

  /** Reads the registers in turn, where the primary is. */
  async #read(): Promise<void> {
    for (let turn = 0; !this.#stopping; turn += 1) {
      await sleep(2);
      const register = turn % this.#writes.length;
      const node = this.#cluster.nodes.find(({ rpc }) => rpc === this.primaryAddress);
      if (node === undefined) continue;
      await this.#readAt(node, register).catch((error: unknown) => {
        if (!isAppError(error) || error.category === "internal") throw error;
      });
    }
  }

  async #readAt(at: ClusterNode, register: number): Promise<void> {
    using kv = this.#cluster.kvClient(at);
    using node = this.#cluster.nodeClient(at);
    const options = { deadlineMs: 500 };
    const before = (await node.getConsensus({}, options)).groups[0];
    // A few reads for each look at who leads.
    const reads: RegisterRead[] = [];
    for (let repeat = 0; repeat < 10; repeat += 1) {
      const begin = performance.now();
      const key = Buffer.from(String(register));
      const { value } = await kv.get({ groupId: 0, map: REGISTERS, key }, options);
      reads.push({ register, value: Number(Buffer.from(value)), begin, end: performance.now() });
    }
    const after = (await node.getConsensus({}, options)).groups[0];
    if (before?.leading !== true || after?.leading !== true || before.view !== after.view) return;
    this.#reads.push(...reads);
  }
}

function request(writer: number, index: number, key: string): app.TxnRequest {
  const put = (map: string, name: string, value: Uint8Array): app.Operation => ({
    operation: { $case: "put", value: { map, key: Buffer.from(name), value } },
  });
  return {
    groupId: 0,
    compares: [],
    success: [
      put(HISTORY_MAP, key, valueOf(key)),
      put(REGISTERS, String(writer), Buffer.from(String(index))),
    ],
    failure: [],
    options: {
      idempotencyKey: key,
      answerWhen: app.AnswerWhen.COMMITTED,
      claimsDigest: new Uint8Array(),
    },
  };
}
