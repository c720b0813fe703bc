// SPDX-License-Identifier: Apache-2.0
import {
  Server,
  ServerCredentials,
  type ServerOptions,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Registry } from "prom-client";
import type { Logger } from "../../log/logger.js";
import { formatAddress } from "../address.js";
import { addStandardServices } from "../standard/standard-services.js";
import { createCallRecorder } from "./call-metrics.js";
import { bindTo, type HandlerEnvironment } from "./environment.js";
import {
  listen,
  type Listener,
  type ServerIdentity,
  type TlsServerCredentials,
} from "./listener.js";
import { toleratingMalformed } from "./malformed.js";

export interface GrpcService {
  /** For example `node.NodeServiceService` of `@consortium/proto`. */
  definition: ServiceDefinition;
  /** Handlers made by {@link unary}, {@link serverStream}, {@link bidi} or {@link duplex}. */
  implementation: UntypedServiceImplementation;
}

export interface ServerLimits {
  /** Larger requests are answered RESOURCE_EXHAUSTED. @default 4 MiB */
  receiveBytesMax?: number;
  /** Larger responses are answered RESOURCE_EXHAUSTED. @default 4 MiB */
  sendBytesMax?: number;
  /** Calls at a time on one connection; further ones wait in the client. @default 1024 */
  concurrentStreamsMax?: number;
  /** Connections at a time; further ones are closed. @default 10000 */
  connectionsMax?: number;
  /** Ping a silent connection after this time. @default 60000 */
  keepaliveMs?: number;
  /** Close a connection that does not answer the ping. @default 20000 */
  keepaliveTimeoutMs?: number;
}

export interface GrpcServerOptions {
  /** `host:port`; port 0 takes a free one. */
  address: string;
  credentials: TlsServerCredentials | "plaintext";
  services: readonly GrpcService[];
  limits?: ServerLimits;
  log?: Logger;
  metrics?: Registry;
  /** Closes the server when aborted. */
  signal?: AbortSignal;
}

export interface GrpcServer extends AsyncDisposable {
  /** What it is bound to, with the actual port. */
  readonly address: string;
  readonly port: number;
  /** New connections get this certificate; open ones go on. Throws on an unreadable pair. */
  updateCertificate(identity: ServerIdentity): void;
  /** What the health service says of one service; the empty name is the whole server. */
  setHealth(service: string, serving: boolean): void;
  /** Refuses new calls, lets open ones end for `graceMs` (default 5000), then cuts them. */
  close(graceMs?: number): Promise<void>;
}

const MIB = 1024 * 1024;
const GRACE_MS = 5_000;

/**
 * Starts a server with health and reflection. Throws `ADDRESS_IN_USE`, `ADDRESS_NOT_AVAILABLE`.
 *
 * @example
 * const server = await startGrpcServer({
 *   address: "127.0.0.1:0",
 *   credentials: { key, cert },
 *   services: [{ definition: node.NodeServiceService, implementation }],
 * });
 */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const server = new Server(serverOptions(options.limits ?? {}));
  const environment: HandlerEnvironment = {
    log: options.log,
    recorder: options.metrics === undefined ? undefined : createCallRecorder(options.metrics),
  };
  for (const service of options.services) mount(server, service, environment);
  const names = options.services.map((service) => nameOf(service.definition));
  const health = addStandardServices(server, names);
  // The listener does TLS itself: gRPC would refuse to show certificates whose issuer it cannot verify.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = await listen({
    address: options.address,
    credentials: options.credentials,
    connectionsMax: options.limits?.connectionsMax ?? 10_000,
    log: options.log,
    onConnection: (socket) => injector.injectConnection(socket),
  });
  const close = closeOnce(server, listener, () => health.setAll(false));
  if (options.signal !== undefined) closeWith(options.signal, close);
  return {
    address: formatAddress(listener.bound),
    port: listener.bound.port,
    updateCertificate: (identity) => listener.updateIdentity(identity),
    setHealth: (service, serving) => health.set(service, serving),
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function serverOptions(limits: ServerLimits): ServerOptions {
  return {
    "grpc.max_receive_message_length": limits.receiveBytesMax ?? 4 * MIB,
    "grpc.max_send_message_length": limits.sendBytesMax ?? 4 * MIB,
    "grpc.max_concurrent_streams": limits.concurrentStreamsMax ?? 1024,
    "grpc.keepalive_time_ms": limits.keepaliveMs ?? 60_000,
    "grpc.keepalive_timeout_ms": limits.keepaliveTimeoutMs ?? 20_000,
    "grpc.enable_channelz": 0,
  };
}

function mount(server: Server, service: GrpcService, environment: HandlerEnvironment): void {
  const handlers = Object.entries(service.implementation).map(
    ([name, handler]) => [name, bindTo(handler, environment)] as const,
  );
  server.addService(toleratingMalformed(service.definition), Object.fromEntries(handlers));
}

/** `/ccf.node.v1.NodeService/GetState` belongs to `ccf.node.v1.NodeService`. */
function nameOf(definition: ServiceDefinition): string {
  const method = Object.values(definition)[0];
  if (method === undefined) throw new TypeError("a service without methods cannot be served");
  return method.path.split("/")[1] ?? "";
}

function closeOnce(
  server: Server,
  listener: Listener,
  before: () => void,
): (graceMs?: number) => Promise<void> {
  let closing: Promise<void> | undefined;
  async function close(graceMs: number): Promise<void> {
    before();
    const stopped = listener.stop();
    // NOTE: gRPC's own shutdown is not waited for: it says "done" while streams are still open, and its forced
    // form ends sessions only with channelz, which costs at every call. What counts is the connections.
    server.tryShutdown(() => undefined);
    const timer = setTimeout(() => listener.cut(), graceMs);
    await stopped;
    clearTimeout(timer);
  }
  return (graceMs = GRACE_MS) => {
    closing ??= close(graceMs);
    return closing;
  };
}

function closeWith(signal: AbortSignal, close: () => Promise<void>): void {
  if (signal.aborted) void close();
  else signal.addEventListener("abort", () => void close(), { once: true });
}
