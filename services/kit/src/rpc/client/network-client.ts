// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { node } from "@consortium/proto";
import { AppError } from "../../errors/index.js";
import { type ClientOptions, createClient } from "./create-client.js";
import type { RpcClient, ServiceClientConstructor, ServiceShape } from "./service-types.js";

export interface NetworkClientOptions extends Omit<ClientOptions, "address"> {
  /** Nodes of the network, to begin with; the others are found. */
  addresses: readonly string[];
  /** How long one call is repeated at the most. @default 30000 */
  patienceMs?: number;
  /** How long one attempt may take. @default 3000 */
  attemptMs?: number;
  /** Begin with the first address, which forwards, instead of asking who leads. @default false */
  startAtFirst?: boolean;
}

export interface NetworkCallOptions {
  signal?: AbortSignal;
  patienceMs?: number;
}

const PROBE_MS = 1000;
const PAUSE_MS = 25;
const PAUSE_MAX_MS = 500;
/** What says that this node cannot answer now, or that its answer was lost. */
const WORTH_REPEATING: ReadonlySet<string> = new Set([
  "unavailable",
  "deadline_exceeded",
  "cancelled",
]);

/**
 * A client of a network of nodes: it finds the primary, follows it when another one leads, and
 * repeats a call until it is answered or refused. Whatever it calls must be safe to repeat: a write
 * carries an idempotency key.
 *
 * @example
 * using network = createNetworkClient(app.KvServiceClient, { addresses, rootCertificate, key, cert });
 * await network.call((kv, options) => kv.put({ ...put, options: { idempotencyKey } }, options));
 */
export class NetworkClient<const Service extends ServiceShape> implements Disposable {
  readonly #service: ServiceClientConstructor<Service>;
  readonly #options: NetworkClientOptions;
  readonly #clients = new Map<string, RpcClient<Service>>();
  readonly #probes = new Map<string, RpcClient<node.NodeServiceService>>();
  readonly #known: Set<string>;
  #primary: string | undefined;
  #turn = 0;

  constructor(service: ServiceClientConstructor<Service>, options: NetworkClientOptions) {
    if (options.addresses.length === 0) throw new TypeError("a network client needs an address");
    this.#service = service;
    this.#options = options;
    this.#known = new Set(options.addresses);
    if (options.startAtFirst === true) this.#primary = options.addresses[0];
  }

  /** Where the primary serves, as far as this client knows. */
  get primaryAddress(): string | undefined {
    return this.#primary;
  }

  /** Runs a call at the primary; at another node if nobody knows one: it forwards. */
  async call<T>(
    run: (
      client: RpcClient<Service>,
      options: { deadlineMs: number; signal?: AbortSignal },
    ) => Promise<T>,
    { signal, patienceMs = this.#options.patienceMs ?? 30_000 }: NetworkCallOptions = {},
  ): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      signal?.throwIfAborted();
      const remaining = Math.max(1, deadline - performance.now());
      const deadlineMs = Math.min(this.#options.attemptMs ?? 3000, remaining);
      const address = this.#primary ?? (await this.#locate()) ?? this.#next();
      try {
        const options = signal === undefined ? { deadlineMs } : { deadlineMs, signal };
        return await run(this.#clientOf(address), options);
      } catch (error) {
        if (!isWorthRepeating(error) || signal?.aborted === true) throw error;
        this.#forget(address);
        const pause = pauseOf(error, attempt);
        if (performance.now() + pause >= deadline) throw error;
        await sleep(pause, undefined, signal === undefined ? {} : { signal });
      }
    }
  }

  close(): void {
    for (const client of [...this.#clients.values(), ...this.#probes.values()]) client.close();
    this.#clients.clear();
    this.#probes.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Asks every node that is known who leads; who has seen the highest view is believed. */
  async #locate(): Promise<string | undefined> {
    const answers = await Promise.all([...this.#known].map((address) => this.#probe(address)));
    let best: { view: bigint; address: string } | undefined;
    for (const answer of answers) {
      if (answer === undefined) continue;
      for (const address of answer.addresses) this.#known.add(address);
      if (answer.primary === undefined) continue;
      if (best === undefined || answer.view > best.view) {
        best = { view: answer.view, address: answer.primary };
      }
    }
    this.#primary = best?.address;
    return this.#primary;
  }

  async #probe(
    address: string,
  ): Promise<{ view: bigint; primary: string | undefined; addresses: string[] } | undefined> {
    try {
      const client = this.#probeOf(address);
      const options = { deadlineMs: PROBE_MS };
      const status = node.NodeStatus.TRUSTED;
      const [consensus, { nodes }] = await Promise.all([
        client.getConsensus({}, options),
        client.listNodes({ pageSize: 1000, pageToken: "", status }, options),
      ]);
      const group = consensus.groups[0];
      const ledger = nodes.filter(({ role }) => role === node.NodeRole.LEDGER);
      const leader = ledger.find(({ nodeId }) => nodeId === group?.primaryNodeId);
      // Who says that it leads is reachable at the address that was asked.
      const primary =
        group?.leading === true ? address : Object.values(leader?.rpcAddresses ?? {})[0];
      const addresses = ledger.flatMap((one) => Object.values(one.rpcAddresses).slice(0, 1));
      return { view: group?.view ?? 0n, primary, addresses };
    } catch {
      return undefined;
    }
  }

  #forget(address: string): void {
    if (this.#primary === address) this.#primary = undefined;
    // A channel that waits between attempts to connect would refuse at once what now works.
    this.#clients.get(address)?.close();
    this.#clients.delete(address);
    this.#probes.get(address)?.close();
    this.#probes.delete(address);
  }

  #next(): string {
    const known = [...this.#known];
    this.#turn += 1;
    return known[this.#turn % known.length] ?? "";
  }

  #clientOf(address: string): RpcClient<Service> {
    let client = this.#clients.get(address);
    if (client === undefined) {
      client = createClient(this.#service, { ...this.#options, address });
      this.#clients.set(address, client);
    }
    return client;
  }

  #probeOf(address: string): RpcClient<node.NodeServiceService> {
    let client = this.#probes.get(address);
    if (client === undefined) {
      const { key: _key, cert: _cert, ...anonymous } = this.#options;
      client = createClient(node.NodeServiceClient, { ...anonymous, address });
      this.#probes.set(address, client);
    }
    return client;
  }
}

/** Makes a {@link NetworkClient}. Keep it and close it. */
export function createNetworkClient<const Service extends ServiceShape>(
  service: ServiceClientConstructor<Service>,
  options: NetworkClientOptions,
): NetworkClient<Service> {
  return new NetworkClient(service, options);
}

function isWorthRepeating(error: unknown): error is AppError {
  return error instanceof AppError && WORTH_REPEATING.has(error.category);
}

function pauseOf(error: AppError, attempt: number): number {
  const pause = Math.min(PAUSE_MS * 2 ** Math.min(attempt, 6), PAUSE_MAX_MS);
  return Math.min(Math.max(pause, error.retryAfterMs ?? 0), PAUSE_MAX_MS) * (0.5 + Math.random());
}
