// SPDX-License-Identifier: Apache-2.0
import { createServer as createPlainServer, type Server as NetServer, type Socket } from "node:net";
import {
  createSecureContext,
  createServer as createTlsServer,
  type Server as TlsServer,
} from "node:tls";
import { once } from "node:events";
import { kitErrors } from "../../errors/kit-errors.js";
import type { Logger } from "../../log/logger.js";
import { type HostPort, parseAddress } from "../address.js";
import { bindError } from "../bind-error.js";
import { TLS_POLICY } from "../tls-policy.js";
import { rememberPeerCertificate } from "./peer-certificate.js";

export interface ServerIdentity {
  /** Private key in PEM. */
  key: string;
  /** Certificate in PEM, followed by its issuers if the client needs them. */
  cert: string;
}

export interface TlsServerCredentials extends ServerIdentity {
  /** Ask clients for a certificate; true by default. Never required, never verified here. */
  requestClientCertificate?: boolean;
}

export interface ListenOptions {
  address: string;
  /** `plaintext` is for node-to-node channels, which bring their own encryption. */
  credentials: TlsServerCredentials | "plaintext";
  connectionsMax: number;
  log: Logger | undefined;
  onConnection: (socket: Socket) => void;
}

export interface Listener {
  bound: HostPort;
  updateIdentity(identity: ServerIdentity): void;
  /** Stops accepting; open connections go on. Resolves when the last one has ended. */
  stop(): Promise<void>;
  /** Ends open connections at once. */
  cut(): void;
}

/** A client that connects and then says nothing must not hold a socket for Node's default of 2 minutes. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Listens, does the TLS handshake and hands on connections that are ready for HTTP/2. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const wanted = parseAddress(options.address);
  const { credentials } = options;
  const tls = credentials === "plaintext" ? undefined : tlsServer(credentials, options);
  const server: NetServer = tls ?? createPlainServer({ noDelay: true }, options.onConnection);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.maxConnections = options.connectionsMax;
  server.listen(wanted.port, wanted.host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw bindError(options.address, error);
  }
  server.on("error", (error) => options.log?.error({ err: error }, "listener failed"));
  const bound = server.address();
  const port = bound !== null && typeof bound === "object" ? bound.port : wanted.port;
  return {
    bound: { host: wanted.host, port },
    updateIdentity(identity) {
      checkIdentity(identity);
      tls?.setSecureContext(contextOptions(identity));
    },
    async stop() {
      await new Promise((resolve) => server.close(resolve));
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function tlsServer(credentials: TlsServerCredentials, options: ListenOptions): TlsServer {
  checkIdentity(credentials);
  const server = createTlsServer({
    ...contextOptions(credentials),
    requestCert: credentials.requestClientCertificate ?? true,
    rejectUnauthorized: false,
    ALPNProtocols: ["h2"],
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    noDelay: true,
  });
  server.on("secureConnection", (socket) => {
    socket.disableRenegotiation();
    // gRPC needs HTTP/2; left to itself Node would keep another protocol's connection for 10 s.
    if (socket.alpnProtocol !== "h2") {
      socket.destroy();
      return;
    }
    rememberPeerCertificate(socket);
    options.onConnection(socket);
  });
  server.on("tlsClientError", (error, socket) => {
    options.log?.debug({ err: error, peer: socket.remoteAddress }, "TLS handshake failed");
  });
  return server;
}

/** An empty list of authorities keeps Node from loading its own, which play no part here. */
function contextOptions(identity: ServerIdentity): object {
  return { ...TLS_POLICY, key: identity.key, cert: identity.cert, ca: [] };
}

function checkIdentity(identity: ServerIdentity): void {
  try {
    createSecureContext(contextOptions(identity));
  } catch (cause) {
    throw kitErrors("CERTIFICATE_INVALID", "the server's key and certificate cannot be used", {
      hint: "Both must be PEM and belong together.",
      cause,
    });
  }
}
