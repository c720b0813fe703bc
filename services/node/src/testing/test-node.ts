// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import {
  certificateFacts,
  createClient,
  createSelfSigned,
  generateEcKeyPem,
  generateRsaKeyPem,
  type RpcClient,
} from "@consortium/kit";
import {
  ChannelLink,
  keyFromText,
  LedgerFollower,
  loadIdentity,
  openGroupReader,
  rows,
  TABLES,
  joinNetwork,
  type WriteSet,
} from "@consortium/ledger";
import { startTestDatabase, type TestDatabase } from "@consortium/ledger/testing";
import { app, node } from "@consortium/proto";
import { pino } from "pino";
import { type NodeHandle, startNode } from "../start-node.js";

export interface TestUser {
  readonly key: string;
  readonly cert: string;
  readonly id: string;
}

/** A key pair and self-signed certificate, valid from `validFrom` (now) for `days` (1). */
export function createTestUser(
  name: string,
  options: { validFrom?: Date; days?: number } = {},
): TestUser {
  const key = generateEcKeyPem("Secp256R1");
  const cert = createSelfSigned({
    keyPem: key,
    subject: `CN=${name}`,
    days: options.days ?? 1,
    ...(options.validFrom === undefined ? {} : { validFrom: options.validFrom }),
  });
  return { key, cert, id: certificateFacts(cert).id };
}

/** A real node on a real database, in this process. */
export class TestNode implements AsyncDisposable {
  readonly database: TestDatabase;
  readonly folder: string;
  #handle: NodeHandle | undefined;

  private constructor(database: TestDatabase, folder: string) {
    this.database = database;
    this.folder = folder;
  }

  /** Starts a new service with three members. */
  static async start(overrides: Record<string, unknown> = {}): Promise<TestNode> {
    const database = await startTestDatabase();
    const folder = await mkdtemp(joinPath(tmpdir(), "test-node-"));
    const test = new TestNode(database, folder);
    await writeFile(joinPath(folder, "url"), database.urls.ledger, { mode: 0o600 });
    await writeFile(joinPath(folder, "constitution.js"), CONSTITUTION);
    const members = await Promise.all(
      [0, 1, 2].map((index) => test.#writeMember(`member${index}`)),
    );
    const config = {
      network: {
        node_to_node_interface: { bind_address: "127.0.0.1:0" },
        rpc_interfaces: { main: { bind_address: "127.0.0.1:0" } },
      },
      node_certificate: { subject_alt_names: ["iPAddress:127.0.0.1"] },
      store: { url_file: "url" },
      command: { type: "Start", start: { constitution_files: ["constitution.js"], members } },
      logging: { level: "error" },
      ...overrides,
    };
    await writeFile(joinPath(folder, "node.json"), JSON.stringify(config));
    await test.resume();
    return test;
  }

  get handle(): NodeHandle {
    if (this.#handle === undefined) throw new Error("the node is stopped");
    return this.#handle;
  }

  /** Starts the node from its files. */
  async resume(): Promise<void> {
    this.#handle = await startNode(joinPath(this.folder, "node.json"), {
      log: pino({ level: "silent" }),
    });
  }

  async stop(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.stop();
  }

  kv(user?: TestUser): RpcClient<app.KvServiceService> {
    return createClient(app.KvServiceClient, {
      address: this.handle.rpcAddress,
      rootCertificate: this.handle.serviceCertificate,
      ...(user === undefined ? {} : { key: user.key, cert: user.cert }),
    });
  }

  node(): RpcClient<node.NodeServiceService> {
    return createClient(node.NodeServiceClient, {
      address: this.handle.rpcAddress,
      rootCertificate: this.handle.serviceCertificate,
    });
  }

  /** A governance node that joined over the network: submits what a constitution would decide. */
  async joinGovernance(): Promise<{ follower: LedgerFollower } & AsyncDisposable> {
    await using stack = new AsyncDisposableStack();
    const { identity } = await loadIdentity(joinPath(this.folder, "governance.pem"), "Secp384R1");
    const log = pino({ level: "silent" });
    const { serviceCertificate, rpcAddress: target } = this.handle;
    const selfSignedCertificate = createSelfSigned({
      keyPem: identity.privateKeyPem,
      subject: "CN=governance",
      days: 1,
    });
    const { endorsedCertificate } = await joinNetwork({
      target,
      serviceCertificate,
      role: node.NodeRole.GOVERNANCE,
      identity,
      selfSignedCertificate,
      subject: "CN=governance",
      subjectAltNames: [],
      nodeToNodeAddress: "127.0.0.1:1",
      rpcAddresses: {},
      nodeDataJson: "",
      retryMs: 50,
      signal: AbortSignal.timeout(10_000),
      log,
    });
    const store = stack.use(
      await openGroupReader({ url: this.database.urls.governance, group: 0 }),
    );
    const followers: LedgerFollower[] = [];
    const link = stack.use(
      new ChannelLink({ identity, kv: () => followers[0]?.replica.kv.committed, log }),
    );
    link.updateCertificates(endorsedCertificate, serviceCertificate);
    const serviceKeyId = certificateFacts(serviceCertificate).nodeId;
    const follower = new LedgerFollower({ groupId: 0, serviceKeyId, store, link, log });
    followers.push(follower);
    link.onConsensus((peerId, header, entries) => follower.receive(peerId, header, entries));
    await follower.catchUp();
    stack.defer(() => follower.stop());
    const running = stack.move();
    return { follower, [Symbol.asyncDispose]: () => running.disposeAsync() };
  }

  /** Makes the members active, registers users, and opens the service. */
  async open(users: readonly TestUser[]): Promise<void> {
    await using governance = await this.joinGovernance();
    const { kv, seqno } = governance.follower.snapshot();
    const members = new Map(
      [...kv.entries(TABLES.membersInfo)].map(([key, { value }]) => [
        key,
        rows.membersInfo.encode({ ...rows.membersInfo.decode(value), status: "Active" }),
      ]),
    );
    const certificates = users.map(({ id, cert }) => [keyFromText(id), Buffer.from(cert)] as const);
    const writes: WriteSet = new Map<string, Map<string, Uint8Array | null>>([
      [TABLES.membersInfo, members],
      [TABLES.usersCerts, new Map(certificates)],
    ]);
    const nextServiceIdentity = this.handle.serviceCertificate;
    const value = { previousServiceIdentity: "", nextServiceIdentity };
    const effects = [{ effect: { $case: "transitionServiceToOpen" as const, value } }];
    await governance.follower.submit({ readVersion: seqno, reads: [], writes, effects });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.database.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #writeMember(name: string): Promise<Record<string, string>> {
    const member = createTestUser(name);
    const { publicKeyPem } = generateRsaKeyPem();
    await writeFile(joinPath(this.folder, `${name}_cert.pem`), member.cert);
    await writeFile(joinPath(this.folder, `${name}_enc_pubk.pem`), publicKeyPem);
    return {
      certificate_file: `${name}_cert.pem`,
      encryption_public_key_file: `${name}_enc_pubk.pem`,
    };
  }
}

/** The node records a constitution and never runs it. */
const CONSTITUTION = `export function validate(input) { return { valid: true, description: "" }; }
export function resolve(proposal, proposerId, votes) { return "Open"; }
export function apply(proposal, proposalId) {}
`;
