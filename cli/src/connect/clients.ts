// SPDX-License-Identifier: Apache-2.0
import { createClient } from "@consortium/kit/rpc";
import { app, governance, node, recovery } from "@consortium/proto";
import type { Identity } from "../context/index.js";
import { readCertificate } from "../input/certificate.js";
import { readInputText } from "../input/read-input.js";
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

/** As a user: the client certificate is the identity. */
export async function connectKv(target: Target, user: Identity) {
  const [key, certificate] = await Promise.all([
    readInputText(user.key),
    readCertificate(user.certificate),
  ]);
  return createClient(app.KvServiceClient, { ...optionsOf(target), key, cert: certificate.pem });
}

function optionsOf({ address, rootCertificate, deadlineMs }: Target) {
  return { address, rootCertificate, defaultDeadlineMs: deadlineMs };
}
