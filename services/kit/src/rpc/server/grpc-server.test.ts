// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp, createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { Client, Metadata, type ServiceError } from "@grpc/grpc-js";
import { app, node } from "@consortium/proto";
import { isAppError } from "../../errors/app-error.js";
import { createLogger } from "../../log/logger.js";
import { createMetrics } from "../../metrics/metrics.js";
import { certificateFacts } from "../../x509/certificate-facts.js";
import { createClient } from "../client/create-client.js";
import { channelCredentials } from "../client/credentials.js";
import { ChunkServiceClient, identity, testServices, type Witness } from "../test-fixture.js";
import { type GrpcServer, startGrpcServer } from "./grpc-server.js";

const server = identity({}, "Secp384R1");
const DAY_MS = 86_400_000;
const BIG = new Uint8Array(30_000);

describe("a server over TLS", () => {
  let running: GrpcServer;
  let witness: Witness;
  const logged: string[] = [];
  const metrics = createMetrics();
  const stop = new AbortController();

  before(async () => {
    const test = testServices();
    witness = test.witness;
    running = await startGrpcServer({
      address: "127.0.0.1:0",
      credentials: server,
      services: test.services,
      limits: { receiveBytesMax: 64 * 1024, sendBytesMax: 128 * 1024 },
      log: createLogger({ name: "test", destination: { write: (line) => logged.push(line) } }),
      metrics,
      signal: stop.signal,
    });
  });
  after(async () => {
    stop.abort();
    await running.close();
  });

  function nodeClient(user?: { key: string; cert: string }) {
    return createClient(node.NodeServiceClient, {
      address: running.address,
      rootCertificate: server.cert,
      ...user,
    });
  }

  it("answers a client without a certificate", async () => {
    using client = nodeClient();
    assert.equal((await client.getVersion({})).version, "anonymous");
  });

  it("shows the handler a self-signed certificate that no authority knows", async () => {
    const user = identity({ subject: "CN=user", ca: false });
    using client = nodeClient(user);
    assert.equal((await client.getVersion({})).version, certificateFacts(user.cert).id);
    const context = witness.contexts.at(-1);
    assert.deepEqual(context?.peerCertificate?.der, certificateFacts(user.cert).der);
    assert.match(witness.peers.at(-1) ?? "", /^127\.0\.0\.1:\d+$/);
    assert.equal(context?.method, "/ccf.node.v1.NodeService/GetVersion");
  });

  it("shows the handler an expired certificate, which is for the handler to refuse", async () => {
    const user = identity({ validFrom: new Date(Date.now() - 3 * DAY_MS) });
    using client = nodeClient(user);
    assert.equal((await client.getVersion({})).version, certificateFacts(user.cert).id);
  });

  it("keeps the certificates of two clients apart", async () => {
    const users = [identity(), identity()];
    using first = nodeClient(users[0]);
    using second = nodeClient(users[1]);
    const answers = await Promise.all([first.getVersion({}), second.getVersion({})]);
    assert.deepEqual(
      answers.map(({ version }) => version),
      users.map(({ cert }) => certificateFacts(cert).id),
    );
  });

  const refusedHandshakes: [string, ConnectionOptions][] = [
    ["TLS 1.1", { maxVersion: "TLSv1.1", minVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }],
    ["a cipher without forward secrecy", { maxVersion: "TLSv1.2", ciphers: "AES128-GCM-SHA256" }],
    ["only HTTP/1.1", { ALPNProtocols: ["http/1.1"] }],
  ];
  for (const [name, options] of refusedHandshakes) {
    it(`refuses a client that speaks ${name}, and goes on`, async () => {
      const socket = connectTls({ ...dial(), rejectUnauthorized: false, ...options });
      await assert.rejects(once(socket, "secureConnect"));
      using client = nodeClient();
      await client.getVersion({});
    });
  }

  it("goes on after bytes that are no TLS, no HTTP/2 and a hang-up in the handshake", async () => {
    const garbage = connectTcp(dial());
    garbage.on("error", () => undefined).end("GET / HTTP/1.1\r\n\r\n");
    const noProtocol = connectTls({ ...dial(), rejectUnauthorized: false });
    noProtocol.on("error", () => undefined).end(Buffer.alloc(100, 0xff));
    const hangUp = connectTcp(dial(), () => hangUp.destroy());
    await Promise.all([once(garbage, "close"), once(noProtocol, "close"), once(hangUp, "close")]);
    using client = nodeClient();
    await client.getVersion({});
  });

  function dial(): { host: string; port: number } {
    return { host: "127.0.0.1", port: running.port };
  }

  it("refuses a request over the limit with RESOURCE_EXHAUSTED", async () => {
    using client = nodeClient();
    await assert.rejects(client.getNode({ nodeId: "x".repeat(70_000) }), (error) =>
      isAppError(error, "RESOURCE_EXHAUSTED"),
    );
    await client.getVersion({});
  });

  it("refuses to send a response over the limit", async () => {
    using client = nodeClient();
    await assert.rejects(client.getNode({ nodeId: "140000" }), (error) =>
      isAppError(error, "RESOURCE_EXHAUSTED"),
    );
    const { node: answer } = await client.getNode({ nodeId: "100000" });
    assert.equal(answer?.nodeDataJson.length, 100_000);
  });

  it("answers INVALID_ARGUMENT to bytes that are no message", async () => {
    const error = await callRaw("/ccf.node.v1.NodeService/GetNode", Buffer.from("ffffffff", "hex"));
    assert.ok(isAppError(error, "MALFORMED_REQUEST"));
    assert.equal(error.category, "invalid_argument");
  });

  it("answers UNIMPLEMENTED to a method that it does not have", async () => {
    using client = nodeClient();
    await assert.rejects(client.getState({}), (error) => isAppError(error, "UNIMPLEMENTED"));
    assert.ok(isAppError(await callRaw("/no.Such/Method", Buffer.alloc(0)), "UNIMPLEMENTED"));
  });

  async function callRaw(path: string, bytes: Buffer): Promise<unknown> {
    const { credentials } = channelCredentials({ rootCertificate: server.cert }, "127.0.0.1");
    const raw = new Client(running.address, credentials);
    const error = await new Promise<ServiceError | null>((resolve) => {
      const same = (value: Buffer): Buffer => value;
      raw.makeUnaryRequest(path, same, same, bytes, resolve);
    });
    raw.close();
    const { fromServiceError } = await import("../status.js");
    return fromServiceError(error);
  }

  it("carries code, details, hint, violations and delay of an error to the client, not its cause", async () => {
    using client = nodeClient();
    await assert.rejects(client.getNode({ nodeId: "fail" }), (error) => {
      assert.ok(isAppError(error, "KEY_INVALID"));
      assert.equal(error.message, "the key of Łódź ☃ is refused");
      assert.equal(error.category, "invalid_argument");
      assert.deepEqual(error.details, { nodeId: "fail" });
      assert.equal(error.hint, "Use another key.");
      assert.equal(error.retryAfterMs, 1500);
      assert.deepEqual(error.fieldViolations, [
        { field: "node_id", description: "expected 64 hex digits" },
      ]);
      assert.doesNotMatch(JSON.stringify(error.cause), /inner secret/);
      return true;
    });
  });

  it("tells the client nothing of an unexpected error but a reference that is in the log", async () => {
    using client = nodeClient();
    await assert.rejects(client.getNode({ nodeId: "crash" }), (error) => {
      assert.ok(isAppError(error, "INTERNAL"));
      assert.doesNotMatch(error.message + JSON.stringify(error.details), /hunter2/);
      const reference = error.details["reference"] ?? "none";
      const record = logged.find((line) => line.includes(reference));
      assert.match(record ?? "", /hunter2/);
      assert.match(record ?? "", /GetNode/);
      return true;
    });
  });

  it("ends a call at its deadline and tells the handler", async () => {
    using client = nodeClient();
    // The deadline is for the call, not for the connection.
    await client.getVersion({});
    const abortedBefore = witness.aborted.length;
    await assert.rejects(client.getNode({ nodeId: "wait" }, { deadlineMs: 250 }), (error) =>
      isAppError(error, "DEADLINE_EXCEEDED"),
    );
    await until(() => witness.aborted.length > abortedBefore);
  });

  it("tells the handler when the client gives up", async () => {
    using client = nodeClient();
    await client.getVersion({});
    const abortedBefore = witness.aborted.length;
    const abort = new AbortController();
    const call = client.getNode({ nodeId: "wait" }, { signal: abort.signal });
    setTimeout(() => abort.abort(), 250);
    await assert.rejects(call, (error) => isAppError(error, "CANCELLED"));
    await until(() => witness.aborted.length > abortedBefore);
  });

  it("does not abort the signal of a call that was answered", async () => {
    using client = nodeClient();
    await client.getVersion({});
    const context = witness.contexts.at(-1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(context?.signal.aborted, false);
  });

  it("gives the handler the deadline of the call", async () => {
    using client = nodeClient();
    await client.getVersion({}, { deadlineMs: 60_000 });
    const left = (witness.contexts.at(-1)?.deadline ?? 0) - Date.now();
    assert.ok(left > 50_000 && left <= 60_000, `left ${left}`);
  });

  it("counts calls by method and status", async () => {
    const text = await metrics.metrics();
    assert.match(text, /ccf_rpc_server_handled_total\{[^}]*GetVersion",code="OK"\} \d+/);
    assert.match(text, /handled_total\{[^}]*GetNode",code="INVALID_ARGUMENT"\} \d+/);
    assert.match(text, /ccf_rpc_server_handling_seconds_bucket\{[^}]*GetVersion/);
  });

  it("answers a bidirectional stream one by one and reports a failure in the middle", async () => {
    using client = createClient(app.KvServiceClient, {
      address: running.address,
      rootCertificate: server.cert,
    });
    const call = client.writeStream();
    const send = (groupId: number) => call.write({ groupId, operations: [], options: undefined });
    for (const groupId of [1, 2, 3, 666]) await send(groupId);
    const seen: bigint[] = [];
    await assert.rejects(
      async () => {
        for await (const { firstSeqno } of call.responses) seen.push(firstSeqno);
      },
      (error) => isAppError(error, "KEY_INVALID"),
    );
    assert.deepEqual(seen, [1n, 2n, 3n]);
  });

  it("tells a client that still sends why its stream has failed", async () => {
    using client = createClient(app.KvServiceClient, {
      address: running.address,
      rootCertificate: server.cert,
    });
    const metadata = new Metadata();
    metadata.set("reads-on", "yes");
    const call = client.writeStream({ deadlineMs: 5000, metadata });
    const operation = { $case: "put", value: { map: "m", key: BIG, value: BIG } } as const;
    const big = { groupId: 1, operations: [{ operation }], options: undefined };
    // More than flow control lets through: nobody reads it any more.
    for (let index = 0; index < 50; index += 1) void call.write(big);
    await assert.rejects(collect(call.responses), (error) => isAppError(error, "KEY_INVALID"));
  });

  it("answers every request, however many wait to be taken", async () => {
    using client = createClient(app.KvServiceClient, {
      address: running.address,
      rootCertificate: server.cert,
    });
    const call = client.writeStream({ deadlineMs: 5000 });
    const groups = Array.from({ length: 100 }, (_, index) => index);
    for (const groupId of groups) void call.write({ groupId, operations: [], options: undefined });
    call.end();
    const seen = await collect(call.responses);
    assert.deepEqual(
      seen.map(({ firstSeqno }) => Number(firstSeqno)),
      groups,
    );
  });

  it("ends a bidirectional stream when the requests end, with all answers given", async () => {
    using client = createClient(app.KvServiceClient, {
      address: running.address,
      rootCertificate: server.cert,
    });
    const call = client.writeStream({ deadlineMs: 5000 });
    void call.write({ groupId: 7, operations: [], options: undefined });
    call.end();
    const seen = await collect(call.responses);
    assert.deepEqual(
      seen.map(({ firstSeqno }) => firstSeqno),
      [7n],
    );
  });

  it("streams to the end, and reports a failure after what came before", async () => {
    using client = channelClient();
    const whole = await collect(client.followLedger({ groupId: 1, fromSeqno: 1n }));
    assert.deepEqual(
      whole.map(({ firstSeqno }) => firstSeqno),
      [1n, 2n, 3n],
    );
    const seen: bigint[] = [];
    await assert.rejects(
      async () => {
        for await (const chunk of client.followLedger({ groupId: 2, fromSeqno: 1n })) {
          seen.push(chunk.firstSeqno);
        }
      },
      (error) => isAppError(error, "KEY_INVALID"),
    );
    assert.deepEqual(seen, [1n]);
  });

  it("stops an endless stream when the reader leaves", async () => {
    using client = channelClient();
    const abortedBefore = witness.aborted.length;
    for await (const chunk of client.followLedger({ groupId: 0, fromSeqno: 1n })) {
      if (chunk.firstSeqno === 20n) break;
    }
    await until(() => witness.aborted.length > abortedBefore);
  });

  function channelClient() {
    return createClient(ChunkServiceClient, {
      address: running.address,
      rootCertificate: server.cert,
    });
  }

  it("takes a new certificate without dropping a stream", async () => {
    using streaming = createClient(app.KvServiceClient, {
      address: running.address,
      rootCertificate: server.cert,
    });
    const call = streaming.writeStream();
    const answers = call.responses[Symbol.asyncIterator]();
    await call.write({ groupId: 1, operations: [], options: undefined });
    await answers.next();
    const renewed = identity();
    running.updateCertificate(renewed);
    using fresh = createClient(node.NodeServiceClient, {
      address: running.address,
      pinnedCertificate: renewed.cert,
    });
    await fresh.getVersion({});
    await call.write({ groupId: 2, operations: [], options: undefined });
    assert.equal((await answers.next()).value?.firstSeqno, 2n);
    assert.throws(() => running.updateCertificate({ key: renewed.key, cert: server.cert }));
    await fresh.getVersion({});
    running.updateCertificate(server);
    call.cancel();
  });
});

describe("starting and stopping a server", () => {
  it("names an address that is in use and says what to do", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const bound = other.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    await assert.rejects(start(`127.0.0.1:${port}`), (error) => {
      assert.ok(isAppError(error, "ADDRESS_IN_USE"));
      assert.match(error.message, new RegExp(`127.0.0.1:${port}`));
      assert.match(error.hint ?? "", /another port/);
      return true;
    });
    other.close();
  });

  const badAddresses: [string, string][] = [
    ["192.0.2.1:0", "ADDRESS_NOT_AVAILABLE"],
    ["no.such.host.invalid:0", "ADDRESS_NOT_AVAILABLE"],
    ["127.0.0.1", "ADDRESS_INVALID"],
    ["127.0.0.1:65536", "ADDRESS_INVALID"],
    ["127.0.0.1:", "ADDRESS_INVALID"],
    ["::1:80", "ADDRESS_INVALID"],
    ["[localhost]:80", "ADDRESS_INVALID"],
    ["https://localhost:80", "ADDRESS_INVALID"],
    ["", "ADDRESS_INVALID"],
  ];
  for (const [address, code] of badAddresses) {
    it(`refuses to listen on ${JSON.stringify(address)}`, async () => {
      await assert.rejects(start(address), (error) => isAppError(error, code));
    });
  }

  it("refuses a key that does not belong to the certificate", async () => {
    const credentials = { key: identity().key, cert: identity().cert };
    await assert.rejects(
      startGrpcServer({ address: "127.0.0.1:0", credentials, services: [] }),
      (error) => isAppError(error, "CERTIFICATE_INVALID"),
    );
  });

  it("lets a call end that was open when it closes", async () => {
    const running = await start("127.0.0.1:0");
    using client = createClient(node.NodeServiceClient, {
      address: running.address,
      rootCertificate: server.cert,
      defaultDeadlineMs: 300,
    });
    const call = client.getNode({ nodeId: "wait" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = running.close(5_000);
    await assert.rejects(call, (error) => isAppError(error, "DEADLINE_EXCEEDED"));
    await closed;
  });

  it("cuts a stream that outlives the grace, and frees the port", async () => {
    const running = await start("127.0.0.1:0");
    using client = createClient(ChunkServiceClient, {
      address: running.address,
      rootCertificate: server.cert,
    });
    const reading = (async () => {
      for await (const chunk of client.followLedger({ groupId: 0, fromSeqno: 1n })) {
        if (chunk.firstSeqno === 5n) void running.close(50);
      }
    })();
    await assert.rejects(reading, (error) => isAppError(error));
    await running.close();
    const again = await start(running.address);
    await again.close(0);
  });

  it("serves without TLS where that is asked for", async () => {
    const running = await startGrpcServer({
      address: "127.0.0.1:0",
      credentials: "plaintext",
      services: testServices().services,
    });
    using client = createClient(node.NodeServiceClient, {
      address: running.address,
      plaintext: true,
    });
    assert.equal((await client.getVersion({})).version, "anonymous");
    await running.close(0);
  });

  it("listens on IPv6", async (context) => {
    let running: GrpcServer;
    try {
      running = await start("[::1]:0");
    } catch (error) {
      if (!isAppError(error, "ADDRESS_NOT_AVAILABLE")) throw error;
      context.skip("this machine has no IPv6");
      return;
    }
    assert.match(running.address, /^\[::1\]:\d+$/);
    using client = createClient(node.NodeServiceClient, {
      address: running.address,
      pinnedCertificate: server.cert,
    });
    await client.getVersion({});
    await running.close(0);
  });

  function start(address: string): Promise<GrpcServer> {
    return startGrpcServer({ address, credentials: server, services: testServices().services });
  }
});

/** Waits for something that another task does, and fails when it does not happen. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, "did not happen in 30 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
