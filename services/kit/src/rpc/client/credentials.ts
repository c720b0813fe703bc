// SPDX-License-Identifier: Apache-2.0
import { isIP, type Socket } from "node:net";
import {
  checkServerIdentity,
  connect as connectTls,
  type ConnectionOptions,
  createSecureContext,
  type TLSSocket,
} from "node:tls";
import { CallCredentials, ChannelCredentials } from "@grpc/grpc-js";
import type {
  SecureConnector,
  SecureConnectResult,
} from "@grpc/grpc-js/build/src/channel-credentials.js";
import { kitErrors } from "../../errors/kit-errors.js";
import { certificateFacts } from "../../x509/certificate-facts.js";
import { TLS_POLICY } from "../tls-policy.js";

/** How a client knows the server, and what it shows of itself. */
export interface ClientIdentityOptions {
  /** The service certificate (PEM) that endorses the node; the host must be among the node's names. */
  rootCertificate?: string;
  /** The node's own certificate (PEM): exactly it must be shown, whatever names it carries. */
  pinnedCertificate?: string;
  /** Client key and certificate (PEM), for users. */
  key?: string;
  cert?: string;
  /** No TLS at all, for node-to-node channels. */
  plaintext?: boolean;
}

/** A peer that accepts and stays silent must not keep a socket, and with it the process, alive. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Credentials for a target host. Throws `CERTIFICATE_INVALID`. */
export function channelCredentials(
  identity: ClientIdentityOptions,
  host: string,
): { credentials: ChannelCredentials; close: () => void } {
  if (identity.plaintext === true) {
    return { credentials: ChannelCredentials.createInsecure(), close: () => undefined };
  }
  const credentials = new TlsChannelCredentials(connectionOptions(identity, host));
  return { credentials, close: () => credentials.close() };
}

/**
 * gRPC's own credentials would send an address as TLS server name, which the standard forbids, and
 * would leave a handshake that never ends to itself.
 */
class TlsChannelCredentials extends ChannelCredentials {
  readonly #options: ConnectionOptions;
  readonly #shaking = new Set<TLSSocket>();

  constructor(options: ConnectionOptions) {
    super();
    this.#options = options;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    _target: unknown,
    _options: unknown,
    callCredentials: CallCredentials = CallCredentials.createEmpty(),
  ): SecureConnector {
    return {
      connect: (socket) => this.#shakeHands(socket),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials,
      destroy: () => this.close(),
    };
  }

  /** Gives up handshakes under way. */
  close(): void {
    for (const socket of this.#shaking) socket.destroy(new Error("the client was closed"));
  }

  async #shakeHands(plain: Socket): Promise<SecureConnectResult> {
    const socket = connectTls({ ...this.#options, socket: plain });
    this.#shaking.add(socket);
    const timer = setTimeout(() => {
      socket.destroy(new Error(`no TLS handshake within ${HANDSHAKE_TIMEOUT_MS} ms`));
    }, HANDSHAKE_TIMEOUT_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("secureConnect", resolve);
        socket.once("close", () => reject(new Error("the server hung up in the TLS handshake")));
        socket.on("error", reject);
      });
    } finally {
      clearTimeout(timer);
      this.#shaking.delete(socket);
    }
    return { socket, secure: true };
  }
}

function connectionOptions(identity: ClientIdentityOptions, host: string): ConnectionOptions {
  return {
    secureContext: secureContext(identity),
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: ["h2"],
    checkServerIdentity: identityCheck(identity, host),
  };
}

function secureContext(identity: ClientIdentityOptions): ReturnType<typeof createSecureContext> {
  const ca = identity.pinnedCertificate ?? identity.rootCertificate;
  if (ca === undefined) {
    throw kitErrors("CERTIFICATE_INVALID", "no certificate is given to recognise the server by", {
      hint: "Give the service certificate, or the node's own certificate.",
    });
  }
  // Node would take an unreadable one for none, and an empty one for the authorities of the web.
  certificateFacts(ca);
  if ((identity.key === undefined) !== (identity.cert === undefined)) {
    throw kitErrors("CERTIFICATE_INVALID", "a client needs both its key and its certificate");
  }
  try {
    return createSecureContext({
      ...TLS_POLICY,
      ca,
      // A pinned certificate is trusted by itself, endorsed or not.
      allowPartialTrustChain: identity.pinnedCertificate !== undefined,
      ...(identity.key === undefined ? {} : { key: identity.key }),
      ...(identity.cert === undefined ? {} : { cert: identity.cert }),
    });
  } catch (cause) {
    throw kitErrors("CERTIFICATE_INVALID", "the client's key and certificate cannot be used", {
      hint: "Both must be PEM and belong together.",
      cause,
    });
  }
}

function identityCheck(
  identity: ClientIdentityOptions,
  host: string,
): NonNullable<ConnectionOptions["checkServerIdentity"]> {
  if (identity.pinnedCertificate === undefined) {
    return (_name, certificate) => checkServerIdentity(host, certificate);
  }
  const pinned = certificateFacts(identity.pinnedCertificate).der;
  return (_name, certificate) =>
    pinned.equals(certificate.raw)
      ? undefined
      : new Error("the server shows another certificate than the pinned one");
}
