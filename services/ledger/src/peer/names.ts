// SPDX-License-Identifier: Apache-2.0
import { parseAddress, subjectAltNameOfHost } from "@consortium/kit";
import type { PeerConfig } from "./config.js";

/** The names of a node's certificate: as configured, or the hosts it is reached by. */
export function subjectAltNames(
  config: Pick<PeerConfig, "network" | "node_certificate">,
): readonly string[] {
  const configured = config.node_certificate.subject_alt_names;
  if (configured.length > 0) return configured;
  const { rpc_interfaces: rpc, node_to_node_interface: nodeToNode } = config.network;
  const hosts = [nodeToNode, ...Object.values(rpc)].map(
    ({ published_address: published, bind_address: bind }) => parseAddress(published ?? bind).host,
  );
  return [...new Set(hosts)].map(subjectAltNameOfHost);
}
