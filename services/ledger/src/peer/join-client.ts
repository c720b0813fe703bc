// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, createCsr, isAppError, type Logger } from "@consortium/kit";
import { join, type node } from "@consortium/proto";
import { peerErrors } from "./errors.js";
import { virtualEvidence } from "./evidence.js";
import type { NodeIdentity } from "./identity.js";

export interface JoinOptions {
  /** `host:port` of a node that is part of the network. */
  readonly target: string;
  /** The service certificate, known beforehand: the joiner trusts nobody else. */
  readonly serviceCertificate: string;
  readonly role: node.NodeRole;
  readonly identity: NodeIdentity;
  readonly selfSignedCertificate: string;
  readonly subject: string;
  readonly subjectAltNames: readonly string[];
  readonly nodeToNodeAddress: string;
  readonly rpcAddresses: Readonly<Record<string, string>>;
  /** JSON text, empty for none. */
  readonly nodeDataJson: string;
  readonly retryMs: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Asks to join until the node is trusted. A refusal is final: `JOIN_REFUSED`. */
export async function joinNetwork(options: JoinOptions): Promise<join.NetworkInfo> {
  const { identity, log, signal } = options;
  const request = await joinRequest(options);
  let target = options.target;
  let announced = false;
  let problem = "";
  for (;;) {
    signal.throwIfAborted();
    try {
      const answer = await ask(target, request, options);
      if (answer.networkInfo !== undefined) {
        log.info({ nodeId: identity.nodeId }, "trusted: this node is part of the network");
        return answer.networkInfo;
      }
      if (!announced) {
        const next = `ccfctl propose node trust ${identity.nodeId}`;
        log.info({ next }, "pending: members must vote to trust this node");
      }
      announced = true;
    } catch (error) {
      const primary = primaryAddress(error);
      if (primary === undefined && !isWorthRepeating(error)) throw refused(target, error);
      // Once: it is asked again many times before an operator comes.
      const message = error instanceof Error ? error.message : String(error);
      if (message !== problem) {
        log.warn({ err: error, target }, "could not ask to join; trying again");
      }
      problem = message;
      // The primary may have moved on meanwhile: then the first target knows.
      target = primary ?? options.target;
    }
    await sleep(options.retryMs, undefined, { signal });
  }
}

async function ask(
  target: string,
  request: join.JoinRequest,
  { serviceCertificate, identity, selfSignedCertificate, signal }: JoinOptions,
): Promise<join.JoinResponse> {
  using client = createClient(join.JoinServiceClient, {
    address: target,
    rootCertificate: serviceCertificate,
    key: identity.privateKeyPem,
    cert: selfSignedCertificate,
  });
  return await client.join(request, { signal });
}

/** Where a backup sends the joiner. */
function primaryAddress(error: unknown): string | undefined {
  if (!isAppError(error, "NODE_CANNOT_HANDLE_REQUEST")) return undefined;
  return error.details["primary_address"];
}

async function joinRequest(options: JoinOptions): Promise<join.JoinRequest> {
  const { identity } = options;
  return {
    role: options.role,
    nodeToNodeAddress: options.nodeToNodeAddress,
    rpcAddresses: { ...options.rpcAddresses },
    quoteInfo: await virtualEvidence(identity.publicKeyDer),
    publicEncryptionKey: identity.encryptionPublicKeyPem,
    startupSeqno: 0n,
    certificateSigningRequest: createCsr({
      keyPem: identity.privateKeyPem,
      subject: options.subject,
      sans: options.subjectAltNames,
    }),
    nodeDataJson: options.nodeDataJson,
  };
}

function isWorthRepeating(error: unknown): boolean {
  return (
    isAppError(error) && ["unavailable", "deadline_exceeded", "aborted"].includes(error.category)
  );
}

function refused(target: string, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return peerErrors("JOIN_REFUSED", `${target} does not let this node join: ${why}`, {
    cause,
    ...(isAppError(cause) && cause.hint !== undefined ? { hint: cause.hint } : {}),
  });
}
