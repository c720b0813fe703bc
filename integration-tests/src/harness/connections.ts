// SPDX-License-Identifier: Apache-2.0
import {
  createClient,
  type RpcClient,
  type ServiceClientConstructor,
  type ServiceShape,
} from "@consortium/kit";
import { app, governance, node, recovery } from "@consortium/proto";
import { acknowledge, type Action, decide, type GovernanceClient } from "./governing.js";
import type { Member, Participant } from "./participants.js";
import type { ServiceName } from "./workspace.js";

export type KvClient = RpcClient<app.KvServiceService>;
export type NodeClient = RpcClient<node.NodeServiceService>;
export type RecoveryClient = RpcClient<recovery.RecoveryServiceService>;

const CALL_MS = 10_000;

/** Members and users, and how they reach the services of their consortium. */
export abstract class Connections {
  readonly members: readonly Member[];
  readonly users: readonly Participant[];
  serviceCertificate = "";

  constructor(members: readonly Member[], users: readonly Participant[]) {
    this.members = members;
    this.users = users;
  }

  /** Where clients reach a service now. */
  abstract rpcAddress(service: ServiceName): string;

  get member(): Member {
    return required(this.members[0]);
  }

  get user(): Participant {
    return required(this.users[0]);
  }

  /** Members acknowledge, the service is opened, and the users are added. */
  async open(): Promise<void> {
    using client = this.governanceClient();
    for (const member of this.members) await acknowledge(client, member);
    await this.decide({
      name: "transition_service_to_open",
      args: { next_service_identity: this.serviceCertificate },
    });
    const users = this.users.map(({ certificate }) => ({
      name: "set_user",
      args: { cert: certificate },
    }));
    if (users.length > 0) await this.decide(...users);
  }

  async decide(...actions: Action[]): Promise<governance.Proposal> {
    using client = this.governanceClient();
    return await decide(client, this.members, ...actions);
  }

  nodeClient(): NodeClient {
    return this.#client(node.NodeServiceClient, "node");
  }

  governanceClient(options: { sendBytesMax?: number } = {}): GovernanceClient {
    return this.#client(governance.GovernanceServiceClient, "governance", options);
  }

  recoveryClient(): RecoveryClient {
    return this.#client(recovery.RecoveryServiceClient, "recovery");
  }

  kvClient(user: Participant = this.user, options: { sendBytesMax?: number } = {}): KvClient {
    const identity = { key: user.key, cert: user.certificate };
    return this.#client(app.KvServiceClient, "node", { ...identity, ...options });
  }

  /** Without a client certificate. */
  anonymousKvClient(): KvClient {
    return this.#client(app.KvServiceClient, "node");
  }

  #client<const Service extends ServiceShape>(
    definition: ServiceClientConstructor<Service>,
    service: ServiceName,
    options: { key?: string; cert?: string; sendBytesMax?: number } = {},
  ): RpcClient<Service> {
    return createClient(definition, {
      address: this.rpcAddress(service),
      rootCertificate: this.serviceCertificate,
      defaultDeadlineMs: CALL_MS,
      ...options,
    });
  }
}

export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("this consortium has none");
  return value;
}
