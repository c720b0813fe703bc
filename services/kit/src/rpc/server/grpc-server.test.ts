// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { node } from "@consortium/proto";
import {
  unary,
  createClient,
  createSelfSigned,
  generateEcKeyPem,
  startGrpcServer,
  certificateFacts,
  kitErrors,
  isAppError,
  type GrpcServer,
  type CallContext,
} from "../../index.js";

const key = generateEcKeyPem();
const cert = createSelfSigned({
  keyPem: key,
  subject: "CN=CCF Node",
  days: 1,
  sans: ["iPAddress:127.0.0.1", "dNSName:localhost"],
});

describe("a server", () => {
  let server: GrpcServer;
  let seen: CallContext | undefined;
  before(async () => {
    server = await startGrpcServer({
      address: "127.0.0.1:0",
      credentials: { key, cert },
      services: [
        {
          definition: node.NodeServiceService,
          implementation: {
            getVersion: unary<node.GetVersionRequest, node.GetVersionResponse>(
              async (_request, context) => {
                seen = context;
                return {
                  version: context.peerCertificate?.sha256Hex ?? "",
                  nodeJsVersion: process.version,
                  cryptoCoreVersion: "",
                };
              },
            ),
            getNode: unary<node.GetNodeRequest, node.GetNodeResponse>(async ({ nodeId }) => {
              if (nodeId === "boom") throw new Error("secret");
              throw kitErrors("KEY_INVALID", "no ☃ node", {
                details: { nodeId },
                hint: "Look.",
                fieldViolations: [{ field: "node_id", description: "64 hex" }],
                retryAfterMs: 1500,
              });
            }),
          },
        },
      ],
    });
  });
  after(() => server.close(100));

  it("answers a client that shows a certificate nobody signed", async () => {
    const userKey = generateEcKeyPem("Secp256R1");
    const userCert = createSelfSigned({ keyPem: userKey, subject: "CN=user", days: 1 });
    using client = createClient(node.NodeServiceClient, {
      address: server.address,
      rootCertificate: cert,
      key: userKey,
      cert: userCert,
    });
    const answer = await client.getVersion({});
    assert.equal(answer.version, certificateFacts(userCert).id);
    assert.ok(seen);
  });
  it("carries an error", async () => {
    using client = createClient(node.NodeServiceClient, {
      address: server.address,
      pinnedCertificate: cert,
    });
    await assert.rejects(
      client.getNode({ nodeId: "x" }),
      (error) =>
        isAppError(error, "KEY_INVALID") &&
        error.hint === "Look." &&
        error.details["nodeId"] === "x" &&
        error.retryAfterMs === 1500,
    );
    await assert.rejects(
      client.getNode({ nodeId: "boom" }),
      (error) => isAppError(error, "INTERNAL") && !error.message.includes("secret"),
    );
  });
});
