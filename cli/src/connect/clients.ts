// SPDX-License-Identifier: Apache-2.0
import { createClient, createNetworkClient } from "@consortium/kit/rpc";
import { app, governance, node, recovery } from "@consortium/proto";
import type { Identity } from "../context/index.js";
import { cliErrors } from "../errors.js";
import { readCertificate } from "../input/certificate.js";
import { readInputText } from "../input/read-input.js";
import { isPkcs11Uri } from "../input/pkcs11-uri.js";
import type { Target } from "./target.js";

/* Each opens one channel; the caller disposes it (`using`). Calls have the target's deadline. */

export type NodeClient = ReturnType<typeof connectNode>;
export type GovernanceClient = ReturnType<typeof connectGovernance>;
export type RecoveryClient = ReturnType<typeof connectRecovery>;
export type KvClient = Awaited<ReturnType<typeof connectKv>>;

export function connectNode(target: Target) {
  return createClient(node.NodeServiceClient, optionsOf(target));
}

export function connectGovernance(target: Target) {
  return createClient(governance.GovernanceServiceClient, optionsOf(target));
}

export function connectRecovery(target: Target) {
  return createClient(recovery.RecoveryServiceClient, optionsOf(target));
}

/** As who may change nodes: a member, or the operator of a trusted node. */
export async function connectNodeAs(target: Target, identity: Identity) {
  const options = { ...optionsOf(target), ...(await readIdentity(identity)) };
  return createClient(node.NodeServiceClient, options);
}

/**
 * As a user: the client certificate is the identity. Reads are answered by the node that was named;
 * writes begin there, and follow the primary when that node is gone. They carry idempotency keys.
 */
export async function connectKv(target: Target, user: Identity) {
  const options = { ...optionsOf(target), ...(await readIdentity(user)) };
  const direct = createClient(app.KvServiceClient, options);
  const network = createNetworkClient(app.KvServiceClient, {
    ...options,
    addresses: [target.address],
    startAtFirst: true,
    patienceMs: Math.min(target.deadlineMs, FOLLOW_MS),
    attemptMs: target.deadlineMs,
  });
  return {
    get: direct.get,
    range: direct.range,
    put: (request: app.PutRequest) => network.call((kv, call) => kv.put(request, call)),
    delete: (request: app.DeleteRequest) => network.call((kv, call) => kv.delete(request, call)),
    txn: (request: app.TxnRequest) => network.call((kv, call) => kv.txn(request, call)),
    [Symbol.dispose]() {
      direct.close();
      network.close();
    },
  };
}

/** A primary that dies is replaced sooner. */
const FOLLOW_MS = 5000;

async function readIdentity(identity: Identity): Promise<{ key: string; cert: string }> {
  if (isPkcs11Uri(identity.key)) {
    throw cliErrors("KEY_NOT_SUPPORTED", "a connection needs a key in a file, not one on a token", {
      hint: "Keys on tokens sign the requests of members.",
    });
  }
  const [key, certificate] = await Promise.all([
    readInputText(identity.key),
    readCertificate(identity.certificate),
  ]);
  return { key, cert: certificate.pem };
}

function optionsOf({ address, rootCertificate, deadlineMs }: Target) {
  return { address, rootCertificate, defaultDeadlineMs: deadlineMs };
}
