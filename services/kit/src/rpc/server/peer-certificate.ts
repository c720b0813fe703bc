// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { ServerSurfaceCall } from "@grpc/grpc-js/build/src/server-call.js";

/** The certificate a client proved to hold the key of. Nothing else about it was checked. */
export interface PeerCertificate {
  der: Buffer;
  /** Lower-case hex SHA-256 of the DER: the id of a user or member. */
  sha256Hex: string;
}

const identities = new WeakMap<object, PeerCertificate>();

/**
 * Reads the client's certificate once for a connection and leaves it where gRPC looks for it at every
 * call. gRPC shows a certificate only on an `authorized` socket, and would parse it anew each time.
 * Authorised means here no more than: the handshake proved possession of the key. Who may do what is
 * decided at each call against the ledger, as a certificate of a user has no issuer we could know.
 */
export function rememberPeerCertificate(socket: TLSSocket): void {
  const der = socket.getPeerX509Certificate()?.raw;
  if (der === undefined) return;
  const shown = { raw: der };
  identities.set(shown, { der, sha256Hex: createHash("sha256").update(der).digest("hex") });
  Object.assign(socket, { authorized: true, getPeerCertificate: () => shown });
}

/** The certificate of the connection that this call came over, if the client showed one. */
export function peerCertificateOf(call: ServerSurfaceCall): PeerCertificate | undefined {
  const shown = call.getAuthContext().sslPeerCertificate;
  return shown === undefined ? undefined : identities.get(shown);
}
