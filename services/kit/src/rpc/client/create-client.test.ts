// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { after, before, describe, it } from "node:test";
import { app, node } from "@consortium/proto";
import { isAppError } from "../../errors/app-error.js";
import { certificateFacts } from "../../x509/certificate-facts.js";
import { createServiceCertificate, endorse } from "../../x509/issue.js";
import { generateEcKeyPem } from "../../x509/keys.js";
import { createCsr } from "../../x509/signing-request.js";
import { type GrpcServer, startGrpcServer } from "../server/grpc-server.js";
import { identity, testServices } from "../test-fixture.js";
import { type ClientOptions, createClient } from "./create-client.js";

const DAY_MS = 86_400_000;
const serviceKey = generateEcKeyPem();
const service = createServiceCertificate({
  keyPem: serviceKey,
  subject: "CN=CCF Service",
  days: 2,
});

/** A node certificate endorsed by the service. */
function endorsed(sans: string[], validFrom = new Date()): { key: string; cert: string } {
  const key = generateEcKeyPem();
  const csr = createCsr({ keyPem: key, subject: "CN=CCF Node", sans });
  const cert = endorse({ csr, issuerKeyPem: serviceKey, issuerCert: service, validFrom, days: 1 });
  return { key, cert };
}

const running: GrpcServer[] = [];

async function serve(credentials: { key: string; cert: string }): Promise<GrpcServer> {
  const { services } = testServices();
  const server = await startGrpcServer({ address: "127.0.0.1:0", credentials, services });
  running.push(server);
  return server;
}

async function version(options: ClientOptions): Promise<string> {
  using client = createClient(node.NodeServiceClient, { defaultDeadlineMs: 3_000, ...options });
  return (await client.getVersion({})).version;
}

after(() => Promise.all(running.map((server) => server.close(0))));

describe("recognising a server", () => {
  const byAddress = endorsed(["iPAddress:127.0.0.1"]);
  const byName = endorsed(["dNSName:localhost"]);

  it("trusts an endorsed node by its address, without a warning", async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): unknown => warnings.push(warning.message);
    process.on("warning", listen);
    const server = await serve(byAddress);
    await version({ address: server.address, rootCertificate: service });
    await new Promise(setImmediate);
    process.off("warning", listen);
    assert.deepEqual(warnings, []);
  });

  it("trusts an endorsed node by its name", async () => {
    const server = await serve(byName);
    await version({ address: `localhost:${server.port}`, rootCertificate: service });
  });

  it("refuses a node whose certificate is for another address", async () => {
    const server = await serve(endorsed(["iPAddress:10.0.0.1", "dNSName:ledger-node.invalid"]));
    await assertUnavailable({ address: server.address, rootCertificate: service });
  });

  it("refuses a node whose certificate is for another name", async () => {
    const server = await serve(byAddress);
    await assertUnavailable({ address: `localhost:${server.port}`, rootCertificate: service });
  });

  it("refuses a node that another service endorsed", async () => {
    const server = await serve(byAddress);
    const other = createServiceCertificate({
      keyPem: generateEcKeyPem(),
      subject: "CN=CCF Service",
      days: 1,
    });
    await assertUnavailable({ address: server.address, rootCertificate: other });
  });

  it("refuses a node whose certificate has expired", async () => {
    const server = await serve(
      endorsed(["iPAddress:127.0.0.1"], new Date(Date.now() - 3 * DAY_MS)),
    );
    await assertUnavailable({ address: server.address, rootCertificate: service });
  });

  it("recognises a node by its own certificate, endorsed or self-signed, whatever its names", async () => {
    for (const own of [endorsed(["dNSName:elsewhere.example"]), identity({ sans: [] })]) {
      const server = await serve(own);
      await version({ address: server.address, pinnedCertificate: own.cert });
    }
  });

  it("refuses another certificate of the same key, and of the same issuer, than the pinned one", async () => {
    const own = identity();
    const server = await serve(own);
    await assertUnavailable({ address: server.address, pinnedCertificate: identity().cert });
    const sibling = await serve(byAddress);
    await assertUnavailable({ address: sibling.address, pinnedCertificate: service });
  });

  async function assertUnavailable(options: ClientOptions): Promise<void> {
    await assert.rejects(version(options), (error) => isAppError(error, "UNAVAILABLE"));
  }
});

describe("making a client", () => {
  const { key, cert } = identity();
  const bad: [string, Partial<ClientOptions>, string][] = [
    ["no certificate to recognise the server by", {}, "CERTIFICATE_INVALID"],
    ["a root certificate that is none", { rootCertificate: "hello" }, "CERTIFICATE_INVALID"],
    ["an empty root certificate", { rootCertificate: "" }, "CERTIFICATE_INVALID"],
    ["a pinned certificate that is none", { pinnedCertificate: "hello" }, "CERTIFICATE_INVALID"],
    [
      "a garbage client certificate",
      { rootCertificate: cert, key, cert: "x" },
      "CERTIFICATE_INVALID",
    ],
    ["a garbage client key", { rootCertificate: cert, key: "x", cert }, "CERTIFICATE_INVALID"],
    ["a key without certificate", { rootCertificate: cert, key }, "CERTIFICATE_INVALID"],
    ["a certificate without key", { rootCertificate: cert, cert }, "CERTIFICATE_INVALID"],
    [
      "a key that does not belong to the certificate",
      { rootCertificate: cert, key: identity().key, cert },
      "CERTIFICATE_INVALID",
    ],
    ["a bad address", { rootCertificate: cert, address: "nowhere" }, "ADDRESS_INVALID"],
  ];
  for (const [name, options, code] of bad) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => createClient(node.NodeServiceClient, { address: "127.0.0.1:1", ...options }),
        (error) => isAppError(error, code),
      );
    });
  }
});

describe("a client of a server that misbehaves", () => {
  const { cert } = identity();
  let silent: Server;
  let address = "";
  before(async () => {
    silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const bound = silent.address();
    address = `127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`;
  });
  after(() => silent.close());

  it("gives up at the deadline on one that accepts and stays silent", async () => {
    await assert.rejects(
      version({ address, rootCertificate: cert, defaultDeadlineMs: 100 }),
      (error) => isAppError(error, "DEADLINE_EXCEEDED"),
    );
  });

  it("reports one that nobody listens at", async () => {
    await assert.rejects(version({ address: "127.0.0.1:1", rootCertificate: cert }), (error) =>
      isAppError(error, "UNAVAILABLE"),
    );
  });

  it("fails a stream of one that nobody listens at, without an unhandled error", async () => {
    using client = createClient(app.KvServiceClient, {
      address: "127.0.0.1:1",
      rootCertificate: cert,
    });
    const call = client.writeStream();
    await call.write({ groupId: 1, operations: [], options: undefined });
    await assert.rejects(
      async () => {
        for await (const answer of call.responses) assert.fail(String(answer.count));
      },
      (error) => isAppError(error, "UNAVAILABLE"),
    );
  });

  it("does not call at all with a signal that is already aborted", async () => {
    using client = createClient(node.NodeServiceClient, { address, rootCertificate: cert });
    const reason = new Error("stopping");
    await assert.rejects(client.getVersion({}, { signal: AbortSignal.abort(reason) }), reason);
  });
});

it("shows its certificate to the server", async () => {
  const own = identity();
  const user = identity({ subject: "CN=user" }, "Secp384R1");
  const server = await serve(own);
  const shown = await version({ address: server.address, pinnedCertificate: own.cert, ...user });
  assert.equal(shown, certificateFacts(user.cert).id);
});
