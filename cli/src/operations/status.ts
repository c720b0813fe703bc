// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import { isAppError } from "@consortium/kit/errors";
import { connectGovernance, connectNode, connectRecovery } from "../connect/clients.js";
import type { Target } from "../connect/target.js";
import { messageOf } from "../failure.js";
import type { MemberView, ProposalView, ServiceInfoView, UserView } from "../views/governance.js";
import { viewServiceInfo } from "../views/governance.js";
import type { NodeView } from "../views/node.js";
import { listMembers, listUsers } from "./governance/members.js";
import { listProposals } from "./governance/proposals.js";
import { getNodeStatus, listNodes, type NodeStatusResult } from "./node/nodes.js";

/** One look at everything. A part that could not be asked is null, and its service says why. */
export interface StatusResult {
  services: ServiceLook[];
  service: ServiceInfoView | null;
  node: NodeStatusResult | null;
  nodes: NodeView[];
  members: MemberView[];
  users: UserView[];
  openProposals: ProposalView[];
  recovery: { recoveryThreshold: number; submittedCount: number; shareHolders: string[] } | null;
  certificates: CertificateLook[];
  /** What a person should look at. */
  warnings: string[];
}

export interface ServiceLook {
  name: "node" | "governance" | "recovery";
  address: string;
  reachable: boolean;
  error: string | null;
}

export interface CertificateLook {
  of: string;
  validTo: string;
  daysLeft: number;
}

export type StatusTargets = Readonly<Record<ServiceLook["name"], Target | undefined>>;

const DAY_MS = 24 * 60 * 60 * 1000;
const WARN_DAYS = 14;

export async function lookAtEverything(
  targets: StatusTargets,
  now = Date.now(),
): Promise<StatusResult> {
  const services: ServiceLook[] = [];
  const look = <Result>(
    name: ServiceLook["name"],
    ask: (target: Target) => Promise<Result>,
  ): Promise<Result | null> => lookAt(services, name, targets[name], ask);
  const [node, governance, recovery] = await Promise.all([
    look("node", askNode),
    look("governance", askGovernance),
    look("recovery", askRecovery),
  ]);
  const order = ["node", "governance", "recovery"];
  services.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  const result: StatusResult = {
    services,
    service: governance?.service ?? null,
    node: node?.node ?? null,
    nodes: node?.nodes ?? [],
    members: governance?.members ?? [],
    users: governance?.users ?? [],
    openProposals: governance?.openProposals ?? [],
    recovery,
    certificates: [],
    warnings: [],
  };
  result.certificates = certificatesOf(result, now);
  result.warnings = warningsOf(result);
  return result;
}

async function lookAt<Result>(
  services: ServiceLook[],
  name: ServiceLook["name"],
  target: Target | undefined,
  ask: (target: Target) => Promise<Result>,
): Promise<Result | null> {
  if (target === undefined) return null;
  const { address } = target;
  try {
    const result = await ask(target);
    services.push({ name, address, reachable: true, error: null });
    return result;
  } catch (error) {
    const reason = isAppError(error) ? `${error.code}: ${messageOf(error)}` : String(error);
    services.push({ name, address, reachable: false, error: reason });
    return null;
  }
}

async function askNode(target: Target) {
  using client = connectNode(target);
  const [node, nodes] = await Promise.all([getNodeStatus(client), listNodes(client)]);
  return { node, nodes };
}

async function askGovernance(target: Target) {
  using client = connectGovernance(target);
  const [info, members, users, proposals] = await Promise.all([
    client.getServiceInfo({}),
    listMembers(client),
    listUsers(client),
    listProposals(client),
  ]);
  const openProposals = proposals.filter(({ proposalState }) => proposalState === "Open");
  return { service: viewServiceInfo(info), members, users, openProposals };
}

async function askRecovery(target: Target) {
  using client = connectRecovery(target);
  const { recoveryThreshold, submittedCount, shareHolders } = await client.getRecoveryStatus({});
  return { recoveryThreshold, submittedCount, shareHolders: [...shareHolders] };
}

function certificatesOf(result: StatusResult, now: number): CertificateLook[] {
  const serviceCertificate = result.service?.certificate ?? result.node?.network.serviceCertificate;
  const named: (readonly [string, string | null | undefined])[] = [
    ["service", serviceCertificate],
    ...result.nodes.map(
      ({ nodeId, role, certificate }) =>
        [`${role} node ${nodeId.slice(0, 10)}`, certificate] as const,
    ),
    ...result.members.map(
      ({ memberId, certificate }) => [`member ${memberId.slice(0, 10)}`, certificate] as const,
    ),
    ...result.users.map(
      ({ userId, certificate }) => [`user ${userId.slice(0, 10)}`, certificate] as const,
    ),
  ];
  return named.flatMap(([of, pem]) => {
    const validTo = pem ? validToOf(pem) : undefined;
    if (validTo === undefined) return [];
    const daysLeft = Math.floor((validTo.getTime() - now) / DAY_MS);
    return [{ of, validTo: validTo.toISOString(), daysLeft }];
  });
}

function validToOf(pem: string): Date | undefined {
  try {
    return new X509Certificate(pem).validToDate;
  } catch {
    return undefined;
  }
}

function warningsOf({ services, service, node, members, certificates }: StatusResult): string[] {
  const inactive = members.filter(({ status }) => status !== "Active");
  return [
    ...services
      .filter(({ reachable }) => !reachable)
      .map(({ name, error }) => `${name} service: ${error ?? ""}`),
    ...(node?.state.fault ? [`node: ${node.state.fault}`] : []),
    ...(service !== null && service.status !== "Open" ? [`the service is ${service.status}`] : []),
    ...inactive.map(
      ({ memberId, status }) =>
        `member ${memberId.slice(0, 10)} is ${status}: it has to run \`ccfctl ack\``,
    ),
    ...certificates
      .filter(({ daysLeft }) => daysLeft < WARN_DAYS)
      .map(({ of, daysLeft }) =>
        daysLeft < 0
          ? `the certificate of ${of} has expired`
          : `the certificate of ${of} ends in ${daysLeft} days`,
      ),
  ];
}
