// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { deserialize, serialize } from "node:v8";
import { app, node } from "@consortium/proto";
import { type EcCurve, generateEcKeyPem } from "../x509/keys.js";
import { createSelfSigned, type SelfSignedOptions } from "../x509/issue.js";
import { kitErrors } from "../errors/kit-errors.js";
import type { CallContext } from "./server/call-context.js";
import { bidi, serverStream, unary } from "./server/handlers.js";
import type { GrpcService } from "./server/grpc-server.js";

/** A key with its self-signed certificate. */
export function identity(
  options: Partial<SelfSignedOptions> = {},
  curve: EcCurve = "Secp256R1",
): { key: string; cert: string } {
  const key = generateEcKeyPem(curve);
  const sans = ["iPAddress:127.0.0.1", "dNSName:localhost"];
  const cert = createSelfSigned({ keyPem: key, subject: "CN=CCF Node", days: 1, sans, ...options });
  return { key, cert };
}

/** What the handlers of {@link testServices} saw. */
export interface Witness {
  contexts: CallContext[];
  peers: string[];
  aborted: string[];
}

/**
 * Real services of the contract with behaviour for tests. `GetVersion` answers with the caller's certificate
 * id; `GetNode` does what the node id names.
 */
export function testServices(): { services: GrpcService[]; witness: Witness } {
  const witness: Witness = { contexts: [], peers: [], aborted: [] };
  return {
    witness,
    services: [
      { definition: node.NodeServiceService, implementation: nodeHandlers(witness) },
      {
        definition: app.KvServiceService,
        implementation: {
          writeStream: bidi<app.WriteStreamRequest, app.WriteStreamResponse>(echoCounts),
        },
      },
      {
        definition: CHUNK_SERVICE,
        implementation: { followLedger: serverStream(chunks(witness)) },
      },
    ],
  };
}

function nodeHandlers(witness: Witness): GrpcService["implementation"] {
  return {
    getVersion: unary<node.GetVersionRequest, node.GetVersionResponse>(
      async (_request, context) => {
        witness.contexts.push(context);
        witness.peers.push(context.peerAddress);
        assert.equal(context.signal.aborted, false);
        const version = context.peerCertificate?.sha256Hex ?? "anonymous";
        return { version, nodeJsVersion: "", cryptoCoreVersion: "" };
      },
    ),
    getNode: unary<node.GetNodeRequest, node.GetNodeResponse>(({ nodeId }, context) =>
      behave(nodeId, context, witness),
    ),
  };
}

async function behave(
  what: string,
  { signal }: CallContext,
  witness: Witness,
): Promise<node.GetNodeResponse> {
  if (what === "fail") {
    throw kitErrors("KEY_INVALID", "the key of Łódź ☃ is refused", {
      details: { nodeId: what },
      hint: "Use another key.",
      cause: new Error("an inner secret"),
      fieldViolations: [{ field: "node_id", description: "expected 64 hex digits" }],
      retryAfterMs: 1500,
    });
  }
  if (what === "crash") throw new Error("password=hunter2");
  if (what === "wait") {
    await new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        witness.aborted.push(what);
        reject(signal.reason as Error);
      });
    });
  }
  const empty = { nodeId: what, status: 0, role: 0, primary: false, rpcAddresses: {} } as const;
  const texts = {
    nodeToNodeAddress: "",
    nodeDataJson: "x".repeat(Number(what) || 0),
    certificate: "",
  };
  return { node: { ...empty, ...texts, lastWritten: 0n, retiredCommitted: false } };
}

async function* echoCounts(
  requests: AsyncIterable<app.WriteStreamRequest>,
  { metadata }: CallContext,
): AsyncGenerator<app.WriteStreamResponse> {
  if (metadata.get("reads-on").length > 0) {
    // Somebody who awaits the next request while earlier ones are worked on.
    const source = requests[Symbol.asyncIterator]();
    await source.next();
    source.next().catch(() => undefined);
    yield { view: 2n, firstSeqno: 1n, count: 0 };
    throw kitErrors("KEY_INVALID", "refused while the next request is awaited");
  }
  for await (const { groupId, operations } of requests) {
    if (groupId === 666) throw kitErrors("KEY_INVALID", "refused in the middle");
    yield { view: 2n, firstSeqno: BigInt(groupId), count: operations.length };
  }
}

interface ChunkRequest {
  groupId: number;
  fromSeqno: bigint;
}

interface ChunkResponse {
  firstSeqno: bigint;
  lastSeqno: bigint;
  entries: Uint8Array;
}

/** The contract has no method that streams from the server, so the fixture brings one. */
export const CHUNK_SERVICE = {
  followLedger: {
    path: "/test.v1.ChunkService/FollowLedger",
    requestStream: false as const,
    responseStream: true as const,
    requestSerialize: (value: ChunkRequest): Buffer => serialize(value),
    requestDeserialize: (bytes: Buffer) => deserialize(bytes) as ChunkRequest,
    responseSerialize: (value: ChunkResponse): Buffer => serialize(value),
    responseDeserialize: (bytes: Buffer) => deserialize(bytes) as ChunkResponse,
  },
};

export const ChunkServiceClient = { service: CHUNK_SERVICE, serviceName: "test.v1.ChunkService" };

/** Chunks for ever, the first seqno rising; group 1 ends after three, group 2 fails after one. */
function chunks(witness: Witness) {
  return async function* (
    { groupId }: ChunkRequest,
    context: CallContext,
  ): AsyncGenerator<ChunkResponse> {
    try {
      for (let seqno = 1n; groupId !== 1 || seqno <= 3n; seqno += 1n) {
        if (groupId === 2 && seqno > 1n) throw kitErrors("KEY_INVALID", "the ledger ends here");
        yield { firstSeqno: seqno, lastSeqno: seqno, entries: new Uint8Array(16_384) };
      }
    } finally {
      if (context.signal.aborted) witness.aborted.push("followLedger");
    }
  };
}
