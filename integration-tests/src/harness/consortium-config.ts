// SPDX-License-Identifier: Apache-2.0
import { freeAddresses } from "./ports.js";
import type { Member } from "./participants.js";
import { constitutionFiles, type ServiceName } from "./workspace.js";

export interface ServiceAddresses {
  readonly rpc: string;
  readonly nodeToNode: string;
}

export type Addresses = Readonly<Record<ServiceName, ServiceAddresses>>;

export async function chooseAddresses(): Promise<Addresses> {
  const [a = "", b = "", c = "", d = "", e = "", f = ""] = await freeAddresses(6);
  return {
    node: { rpc: a, nodeToNode: b },
    governance: { rpc: c, nodeToNode: d },
    recovery: { rpc: e, nodeToNode: f },
  };
}

/** What every process of the network is configured with. */
export function peerConfig({ rpc, nodeToNode }: ServiceAddresses): Record<string, unknown> {
  return {
    network: {
      node_to_node_interface: { bind_address: nodeToNode },
      rpc_interfaces: { main: { bind_address: rpc } },
    },
    node_certificate: { initial_validity_days: 30 },
    store: { url_file: "store.url" },
  };
}

export function nodeConfig(
  addresses: Addresses,
  members: readonly Member[],
  constitution: readonly string[] = constitutionFiles(),
): Record<string, unknown> {
  return {
    ...peerConfig(addresses.node),
    command: {
      type: "Start",
      service_certificate_file: "../service_cert.pem",
      start: {
        constitution_files: constitution,
        members: members.map((member) => ({
          certificate_file: member.certificateFile,
          encryption_public_key_file: member.encryptionPublicKeyFile,
        })),
        initial_service_certificate_validity_days: 30,
        service_configuration: { recovery_threshold: Math.min(2, members.length) },
      },
    },
  };
}

export function joinerConfig(
  addresses: Addresses,
  service: "governance" | "recovery",
): Record<string, unknown> {
  return {
    ...peerConfig(addresses[service]),
    command: {
      type: "Join",
      service_certificate_file: "../service_cert.pem",
      join: { target_rpc_address: addresses.node.rpc, retry_timeout: "100ms" },
    },
  };
}
