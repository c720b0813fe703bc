// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from "@consortium/ledger";
import type { join } from "@consortium/proto";

export type LedgerRole = "ledger" | "governance" | "recovery";

/** What a node says of itself, in the words of the ledger. */
export interface NodeDescription {
  readonly role: LedgerRole;
  readonly publicKeyPem: string;
  readonly encryptionPublicKeyPem: string;
  readonly signingRequest: string;
  readonly nodeToNodeAddress: string;
  readonly rpcAddresses: Readonly<Record<string, string>>;
  readonly quote: join.QuoteInfo;
  /** Hex of the measurement. */
  readonly codeDigest: string;
  readonly nodeData: JsonObject[string];
}

/** The row of `nodes.info` (reference C.5), without its status. */
export function nodeRow(node: NodeDescription): JsonObject {
  const interfaces = Object.entries(node.rpcAddresses).map(([name, address]) => [
    name,
    { bind_address: address, published_address: address },
  ]);
  return {
    certificate_signing_request: node.signingRequest,
    code_digest: node.codeDigest,
    encryption_pub_key: node.encryptionPublicKeyPem,
    node_data: node.nodeData,
    node_to_node_interface: {
      bind_address: node.nodeToNodeAddress,
      published_address: node.nodeToNodeAddress,
    },
    public_key: node.publicKeyPem,
    quote_info: {
      endorsements: base64(node.quote.endorsements),
      format: node.quote.format,
      quote: base64(node.quote.quote),
      ...unlessEmpty("uvm_endorsements", base64(node.quote.uvmEndorsements)),
      ...unlessEmpty("endorsed_tcb", Buffer.from(node.quote.endorsedTcb).toString("hex")),
    },
    role: node.role === "ledger" ? undefined : node.role,
    rpc_interfaces: Object.fromEntries(interfaces) as JsonObject,
  };
}

function unlessEmpty(name: string, value: string): JsonObject {
  return value === "" ? {} : { [name]: value };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
