// SPDX-License-Identifier: Apache-2.0
import { createPublicKey } from "node:crypto";
import type { JsonObject } from "@consortium/ledger";
import { type join, node } from "@consortium/proto";
import { nodeErrors } from "../errors.js";
import type { LedgerRole } from "./node-row.js";

/** A request to join, checked for shape. */
export interface JoinApplication {
  readonly role: LedgerRole;
  readonly encryptionPublicKeyPem: string;
  readonly signingRequest: string;
  readonly nodeToNodeAddress: string;
  readonly rpcAddresses: Readonly<Record<string, string>>;
  readonly quote: join.QuoteInfo;
  readonly nodeData: JsonObject[string];
}

const ADDRESS = /^(\[[^\]\s]+\]|[^:\s]+):\d{1,5}$/;
const INTERFACES_MAX = 16;

/** Reads a join request; reports everything that is wrong with it at once. */
export function decodeJoinRequest(request: join.JoinRequest): JoinApplication {
  const violations: { field: string; description: string }[] = [];
  const check = (field: string, ok: boolean, description: string): void => {
    if (!ok) violations.push({ field, description });
  };
  const role = roleOf(request.role);
  check("role", role !== undefined, "must be ledger, governance or recovery");
  check("node_to_node_address", ADDRESS.test(request.nodeToNodeAddress), "must be host:port");
  const addresses = Object.entries(request.rpcAddresses);
  check("rpc_addresses", addresses.length <= INTERFACES_MAX, `must be at most ${INTERFACES_MAX}`);
  check(
    "rpc_addresses",
    addresses.every(([name, address]) => name.length <= 64 && ADDRESS.test(address)),
    "must be host:port each",
  );
  check(
    "public_encryption_key",
    isRsaKey(request.publicEncryptionKey),
    "must be an RSA public key",
  );
  check("quote_info", request.quoteInfo !== undefined, "must be set");
  const nodeData = parseJson(request.nodeDataJson);
  check("node_data_json", nodeData !== INVALID, "must be JSON");
  if (violations.length > 0 || role === undefined || request.quoteInfo === undefined) {
    const list = violations.map(({ field, description }) => `${field} ${description}`);
    throw nodeErrors("INVALID_ARGUMENT", list.join("; "), { fieldViolations: violations });
  }
  return {
    role,
    encryptionPublicKeyPem: request.publicEncryptionKey,
    signingRequest: request.certificateSigningRequest,
    nodeToNodeAddress: request.nodeToNodeAddress,
    rpcAddresses: request.rpcAddresses,
    quote: request.quoteInfo,
    nodeData: nodeData as JsonObject[string],
  };
}

function roleOf(role: node.NodeRole): LedgerRole | undefined {
  if (role === node.NodeRole.LEDGER) return "ledger";
  if (role === node.NodeRole.GOVERNANCE) return "governance";
  if (role === node.NodeRole.RECOVERY) return "recovery";
  return undefined;
}

function isRsaKey(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}

const INVALID = Symbol("not JSON");

function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return INVALID;
  }
}
