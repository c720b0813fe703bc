// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createLogger, generateEcKeyPem, generateRsaKeyPem, isAppError } from "@consortium/kit";
import { type TestNode, TestService } from "../channel/testing/service.js";
import { RawStream } from "../channel/testing/wire-tap.js";
import { keyFromText, KvState, type WriteSet } from "../kv/index.js";
import { encodeJson, TABLES } from "../tables/index.js";
import { ChannelLink, startChannelServer } from "./channel-link.js";
import { loadIdentity } from "./identity.js";

const MIB = 1024 * 1024;
const log = createLogger({ name: "channel-link-test", level: "silent" });

describe("the node-to-node interface", () => {
  it("passes messages of many MiB between nodes that know each other", async () => {
    await using network = new LinkNetwork();
    const [a, b] = await network.pair();
    const received: Uint8Array[] = [];
    b.link.onConsensus((_peerId, _header, entries) => received.push(entries));
    b.link.onRequest("size", async (_peerId, payload) => Buffer.from(String(payload.length)));
    const entries = new Uint8Array(randomBytes(9 * MIB + 1));
    await a.link.send(b.nodeId, Buffer.from("header"), entries);
    const answer = await a.link.request(b.nodeId, "size", new Uint8Array(5 * MIB));
    assert.equal(Buffer.from(answer).toString(), String(5 * MIB));
    assert.equal(received.length, 1);
    assert.ok(Buffer.from(entries).equals(received[0] ?? new Uint8Array()));
  });

  it("takes no message of more than 1 MiB from a stranger", async () => {
    await using network = new LinkNetwork();
    const [, b] = await network.pair();
    using stream = new RawStream(b.address);
    const closed = stream.closed();
    await stream.write(new Uint8Array(MIB + 1)).catch(() => undefined);
    assert.ok(isAppError(await closed, "RESOURCE_EXHAUSTED"));
  });
});

describe("the service certificate", () => {
  it("is the renewed one in key exchanges after it was updated", async () => {
    await using network = new LinkNetwork();
    const [a, b] = await network.pair();
    b.link.onRequest("echo", async (_peerId, payload) => payload);
    const other = new TestService();
    a.link.updateCertificates(a.certificate, other.certificate);
    await assert.rejects(a.link.request(b.nodeId, "echo", new Uint8Array(1), QUICK));
    a.link.updateCertificates(a.certificate, network.service.certificate);
    const answer = await a.link.request(b.nodeId, "echo", new Uint8Array(3));
    assert.equal(answer.length, 3);
  });
});

/** One for all: making it takes seconds, and channels do not use it. */
const encryptionKeyPem = generateRsaKeyPem().privateKeyPem;
const QUICK = { deadlineMs: 1000 };

interface LinkNode extends TestNode {
  readonly link: ChannelLink;
  readonly address: string;
}

/** Nodes with the channels and the interface that every process has, and a ledger that trusts them. */
class LinkNetwork implements AsyncDisposable {
  readonly service = new TestService();
  readonly #stack = new AsyncDisposableStack();
  readonly #kv = new KvState();
  #seqno = 0;

  async pair(): Promise<[LinkNode, LinkNode]> {
    return [await this.#start(), await this.#start()];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  async #start(): Promise<LinkNode> {
    const folder = await mkdtemp(join(tmpdir(), "channel-link-"));
    this.#stack.defer(() => rm(folder, { recursive: true }));
    const file = join(folder, "node.pem");
    await writeFile(file, generateEcKeyPem("Secp384R1") + encryptionKeyPem);
    const { identity } = await loadIdentity(file, "Secp384R1");
    const node = this.service.node({ privateKeyPem: identity.privateKeyPem });
    const link = this.#stack.use(new ChannelLink({ identity, kv: () => this.#kv.committed, log }));
    link.updateCertificates(node.certificate, this.service.certificate);
    const server = await startChannelServer("127.0.0.1:0", link, log);
    this.#stack.defer(() => server.close(0));
    this.#trust(node.nodeId, server.address);
    return { ...node, link, address: server.address };
  }

  #trust(nodeId: string, address: string): void {
    const row = encodeJson({
      status: "Trusted",
      node_to_node_interface: { bind_address: address },
    });
    const writes: WriteSet = new Map([[TABLES.nodesInfo, new Map([[keyFromText(nodeId), row]])]]);
    this.#seqno += 1;
    this.#kv.apply(this.#seqno, writes);
    this.#kv.commit(this.#seqno);
  }
}
