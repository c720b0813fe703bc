// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AppError,
  createClient,
  createCsr,
  createSelfSigned,
  generateEcKeyPem,
  generateRsaKeyPem,
  publicKeySpki,
} from "@consortium/kit";
import { virtualEvidence } from "@consortium/ledger";
import { join, node } from "@consortium/proto";
import { TestNode } from "../testing/test-node.js";

async function joiner(address: string, port: number) {
  const key = generateEcKeyPem("Secp384R1");
  const cert = createSelfSigned({ keyPem: key, subject: "CN=joiner", days: 2 });
  const request: join.JoinRequest = {
    role: node.NodeRole.GOVERNANCE,
    nodeToNodeAddress: `127.0.0.1:${port}`,
    rpcAddresses: { main: `127.0.0.1:${port + 1}` },
    quoteInfo: await virtualEvidence(publicKeySpki(key)),
    publicEncryptionKey: generateRsaKeyPem().publicKeyPem,
    startupSeqno: 0n,
    certificateSigningRequest: createCsr({ keyPem: key, subject: "CN=joiner" }),
    nodeDataJson: "",
  };
  return { key, cert, request, address };
}

const code = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, expected);
  return true;
};

test("joining", async (t) => {
  await using running = await TestNode.start();
  const { rpcAddress: address, serviceCertificate } = running.handle;
  const client = (key?: string, cert?: string) =>
    createClient(join.JoinServiceClient, {
      address,
      rootCertificate: serviceCertificate,
      ...(key === undefined || cert === undefined ? {} : { key, cert }),
    });

  await t.test("gives a governance node its certificate and no secret", async () => {
    const { key, cert, request } = await joiner(address, 2001);
    using rpc = client(key, cert);
    const answer = await rpc.join(request);
    assert.equal(answer.nodeStatus, node.NodeStatus.TRUSTED);
    assert.match(answer.networkInfo?.endorsedCertificate ?? "", /BEGIN CERTIFICATE/);
    assert.deepEqual(await rpc.join(request), answer);
  });

  await t.test("refuses a caller without a certificate", async () => {
    const { request } = await joiner(address, 2011);
    using rpc = client();
    await assert.rejects(rpc.join(request), code("INVALID_AUTHENTICATION"));
  });

  const bad: [string, (request: join.JoinRequest) => Promise<Partial<join.JoinRequest>>, string][] =
    [
      [
        "another key's evidence",
        async () => ({ quoteInfo: await virtualEvidence(publicKeySpki(generateEcKeyPem())) }),
        "INVALID_QUOTE",
      ],
      ["no evidence", async () => ({ quoteInfo: undefined }), "INVALID_ARGUMENT"],
      [
        "evidence that is not JSON",
        async ({ quoteInfo }) => ({
          quoteInfo: quoteInfo && { ...quoteInfo, quote: Buffer.from("nonsense") },
        }),
        "INVALID_QUOTE",
      ],
      [
        "evidence of another format",
        async ({ quoteInfo }) => ({
          quoteInfo: quoteInfo && { ...quoteInfo, format: "OE_SGX_v1" },
        }),
        "INVALID_QUOTE",
      ],
      [
        "a request for another key",
        async () => ({
          certificateSigningRequest: createCsr({ keyPem: generateEcKeyPem(), subject: "CN=x" }),
        }),
        "CSR_PUBLIC_KEY_INVALID",
      ],
      [
        "no signing request",
        async () => ({ certificateSigningRequest: "" }),
        "SIGNING_REQUEST_INVALID",
      ],
      ["no role", async () => ({ role: node.NodeRole.UNSPECIFIED }), "INVALID_ARGUMENT"],
      [
        "an address without port",
        async () => ({ nodeToNodeAddress: "localhost" }),
        "INVALID_ARGUMENT",
      ],
      ["data that is not JSON", async () => ({ nodeDataJson: "{" }), "INVALID_ARGUMENT"],
      [
        "an address that is taken",
        async () => ({ nodeToNodeAddress: "127.0.0.1:2001" }),
        "NODE_ALREADY_EXISTS",
      ],
    ];
  let port = 2101;
  for (const [what, change, expected] of bad) {
    await t.test(`refuses ${what}`, async () => {
      const { key, cert, request } = await joiner(address, (port += 10));
      using rpc = client(key, cert);
      await assert.rejects(rpc.join({ ...request, ...(await change(request)) }), code(expected));
    });
  }

  await t.test("leaves a node Pending once the service is open", async () => {
    await running.open([]);
    const { key, cert, request } = await joiner(address, 2901);
    using rpc = client(key, cert);
    const answer = await rpc.join(request);
    assert.equal(answer.nodeStatus, node.NodeStatus.PENDING);
    assert.equal(answer.networkInfo, undefined);
  });
});
