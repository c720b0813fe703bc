// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { checkServerIdentity, createSecureContext, type PeerCertificate } from "node:tls";
import { type ChannelOptions, ChannelCredentials, type VerifyOptions } from "@grpc/grpc-js";
import { kitErrors } from "../../errors/kit-errors.js";
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

/** RFC 6761: a name that can never exist. TLS forbids an address in the server name extension. */
const SERVER_NAME_OF_ADDRESS = "ledger-node.invalid";

export interface ClientTransport {
  credentials: ChannelCredentials;
  channelOptions: ChannelOptions;
}

/** Credentials for a target host, with the options that the channel needs for them. */
export function clientTransport(identity: ClientIdentityOptions, host: string): ClientTransport {
  if (identity.plaintext === true) {
    return { credentials: ChannelCredentials.createInsecure(), channelOptions: {} };
  }
  const byAddress = isIP(host) !== 0;
  return {
    credentials: ChannelCredentials.createFromSecureContext(secureContext(identity), {
      checkServerIdentity: identityCheck(identity, host),
    }),
    channelOptions: byAddress ? { "grpc.ssl_target_name_override": SERVER_NAME_OF_ADDRESS } : {},
  };
}

function secureContext(identity: ClientIdentityOptions): ReturnType<typeof createSecureContext> {
  const ca = identity.pinnedCertificate ?? identity.rootCertificate;
  if (ca === undefined) {
    throw kitErrors("CERTIFICATE_INVALID", "no certificate is given to recognise the server by", {
      hint: "Give the service certificate, or the node's own certificate.",
    });
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
    throw kitErrors(
      "CERTIFICATE_INVALID",
      "a certificate or key for the connection cannot be used",
      {
        hint: "Each must be PEM, and key and certificate must belong together.",
        cause,
      },
    );
  }
}

function identityCheck(
  identity: ClientIdentityOptions,
  host: string,
): NonNullable<VerifyOptions["checkServerIdentity"]> {
  if (identity.pinnedCertificate === undefined) {
    // The name given by gRPC is the placeholder for addresses: the real host is what must match.
    return (_name, certificate) => checkServerIdentity(host, certificate);
  }
  const pinned = new X509Certificate(identity.pinnedCertificate).raw;
  return (_name, certificate: PeerCertificate) =>
    pinned.equals(certificate.raw)
      ? undefined
      : new Error("the server shows another certificate than the pinned one");
}
