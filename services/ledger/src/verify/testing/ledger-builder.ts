// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { coseSign1Sign, LedgerSecret, MerkleTree, type Curve } from "@consortium/crypto-wasm";
import { EntryFlag } from "../../entry/layout.js";
import { packBatch } from "../../entry/pack-batch.js";
import { formatTransactionId } from "../../entry/transaction-id.js";
import { keyFromText, SINGLETON_KEY, type WriteSet } from "../../kv/types.js";
import { buildSignatureWrites } from "../../signature/build-signature.js";
import { COSE_ALGORITHM, coseProtectedHeader } from "../../signature/cose-header.js";
import { issueIdentityEndorsement } from "../../signature/identity-endorsement.js";
import { encodeHex } from "../../tables/json.js";
import * as internal from "../../tables/internal-rows.js";
import { TABLES } from "../../tables/names.js";
import * as rows from "../../tables/rows.js";
import {
  createTestNode,
  createTestService,
  type TestNode,
  type TestService,
} from "./identities.js";

export interface LedgerBuilderOptions {
  readonly curve?: Curve;
  /** Whether signature transactions hold the node's signature and the service's; both by default. */
  readonly nodeSignatures?: boolean;
  readonly serviceSignatures?: boolean;
  readonly issuer?: string;
  readonly subject?: string;
  /** What the genesis transaction writes besides service and node. */
  readonly genesis?: WriteSet;
}

export interface BuiltEntry {
  readonly seqno: number;
  readonly view: number;
  readonly transactionId: string;
  readonly bytes: Uint8Array;
  readonly isSignature: boolean;
}

export interface EntryOptions {
  readonly flags?: number;
  readonly claimsDigest?: Uint8Array;
}

interface LastSigned {
  readonly transactionId: string;
  readonly root: Uint8Array;
}

/** Seconds since the epoch in all signatures, so that the same calls make the same headers. */
const ISSUED_AT = 1_750_000_000;

/**
 * Builds genuine ledgers for tests: genesis with a service and a trusted node, any writes, signature
 * transactions, views and recoveries. Nothing is mocked, so a verifier that accepts it accepts ours.
 *
 * @example
 * using ledger = LedgerBuilder.create();
 * ledger.append(writeText("records", "key", "value"));
 * ledger.sign();
 * new LedgerVerifier().feed(ledger.bytes());
 */
export class LedgerBuilder implements Disposable {
  readonly rawSecret = createHash("sha256").update("a secret for tests").digest();
  readonly secret = new LedgerSecret(this.rawSecret);
  readonly entries: BuiltEntry[] = [];
  service: TestService;
  node: TestNode;
  view = 2;
  readonly #options: Required<LedgerBuilderOptions>;
  readonly #tree = MerkleTree.create();
  #serviceInfo: rows.ServiceInfo;
  #lastSigned: LastSigned | undefined;
  #previousService: { service: TestService; createdAt: string; end: LastSigned } | undefined;
  #lastEndorsementSeqno: number | undefined;

  private constructor(options: LedgerBuilderOptions) {
    this.#options = {
      curve: "Secp256R1",
      nodeSignatures: true,
      serviceSignatures: true,
      issuer: "service.example.com",
      subject: "ledger.signature",
      genesis: new Map(),
      ...options,
    };
    this.service = createTestService(this.#options.curve);
    this.node = createTestNode(this.service, this.#options.curve);
    this.#serviceInfo = {
      cert: this.service.certPem,
      current_service_create_txid: "2.1",
      recovery_count: 0,
      status: "Opening",
    };
  }

  /** A ledger that has its genesis transaction, which is not signed yet. */
  static create(options: LedgerBuilderOptions = {}): LedgerBuilder {
    const builder = new LedgerBuilder(options);
    const writes = mergeWrites(
      writeRow(TABLES.serviceInfo, SINGLETON_KEY, rows.serviceInfo.encode(builder.#serviceInfo)),
      writeRow(
        TABLES.serviceConfig,
        SINGLETON_KEY,
        rows.serviceConfig.encode({
          maximum_node_certificate_validity_days: 365,
          maximum_service_certificate_validity_days: 365,
          recovery_threshold: 1,
        }),
      ),
      builder.nodeWrites(builder.node, { status: "Trusted" }),
      builder.#options.genesis,
    );
    builder.append(writes);
    return builder;
  }

  get lastSeqno(): number {
    return this.entries.length;
  }

  append(writes: WriteSet, options: EntryOptions = {}): BuiltEntry {
    return this.#seal(writes, options, false);
  }

  /** A signature transaction over everything before it; `changes` are for faulty ones. */
  sign(options: EntryOptions = {}, changes: Partial<SignatureChanges> = {}): BuiltEntry {
    const seqno = this.lastSeqno + 1;
    const root = changes.root ?? this.#tree.root();
    const node = changes.node ?? this.node;
    const { curve, issuer, subject } = this.#options;
    const txid = changes.transactionId ?? formatTransactionId(this.view, seqno);
    const header = coseProtectedHeader({
      alg: COSE_ALGORITHM[curve],
      kid: this.service.keyId,
      txid,
      iat: ISSUED_AT,
      issuer,
      subject,
    });
    const service = changes.service ?? this.service;
    const writes = buildSignatureWrites({
      seqno,
      view: this.view,
      nodeId: node.nodeId,
      nodeCertPem: node.certPem,
      root,
      treeBytes: this.#tree.serialize(),
      ...(this.#options.nodeSignatures && { nodeSignatureDer: node.key.signDigest(root, "der") }),
      ...(this.#options.serviceSignatures && {
        coseSignature: coseSign1Sign(service.key, header, root, { detached: true }),
      }),
    });
    const entry = this.#seal(changes.writes?.(writes) ?? writes, options, true);
    this.#tree.flush(seqno);
    this.#lastSigned = { transactionId: entry.transactionId, root };
    return entry;
  }

  /** The service opens: new status, and the endorsement of the identity before it. */
  open(): BuiltEntry {
    const previous = this.#previousService;
    const createdAt = this.#serviceInfo.current_service_create_txid ?? "2.1";
    const row = issueIdentityEndorsement({
      endorsingKey: this.service.key,
      endorsedKey: (previous?.service ?? this.service).key.publicKeySpki(),
      issuedAt: ISSUED_AT,
      epochStart: previous?.createdAt ?? createdAt,
      ...(previous && { epochEnd: previous.end.transactionId, epochEndRoot: previous.end.root }),
      ...(this.#lastEndorsementSeqno !== undefined && {
        previousVersion: this.#lastEndorsementSeqno,
      }),
    });
    this.#lastEndorsementSeqno = this.lastSeqno + 1;
    const bytes = internal.previousServiceIdentityEndorsement.encode(row);
    return this.append(
      mergeWrites(
        this.statusWrites("Open"),
        writeRow(TABLES.previousServiceIdentityEndorsement, SINGLETON_KEY, bytes),
      ),
    );
  }

  /** What sets the service's status. */
  statusWrites(status: rows.ServiceStatus): WriteSet {
    this.#serviceInfo = { ...this.#serviceInfo, status };
    return writeRow(TABLES.serviceInfo, SINGLETON_KEY, rows.serviceInfo.encode(this.#serviceInfo));
  }

  /** What puts a node on the ledger. */
  nodeWrites(node: TestNode, info: { status: rows.NodeStatus; role?: rows.NodeRole }): WriteSet {
    const row = rows.nodesInfo.encode({ public_key: node.publicKeyPem, ...info });
    return mergeWrites(
      writeRow(TABLES.nodesInfo, node.nodeId, row),
      writeRow(TABLES.nodesEndorsedCertificates, node.nodeId, Buffer.from(node.certPem)),
    );
  }

  /** A node with a certificate of the service in force, not yet on the ledger. */
  createNode(): TestNode {
    return createTestNode(this.service, this.#options.curve);
  }

  /** Everything is lost after the last signature: a new service, node and view go on from there. */
  recover(): BuiltEntry {
    const end = this.#lastSigned;
    if (end === undefined || !(this.entries.at(-1)?.isSignature ?? false)) {
      throw new Error("a recovery follows a signature");
    }
    const { current_service_create_txid, recovery_count } = this.#serviceInfo;
    const previousCert = this.service.certPem;
    const previousNodeId = this.node.nodeId;
    this.#previousService = {
      service: this.service,
      createdAt: current_service_create_txid ?? "2.1",
      end,
    };
    this.view += 2;
    this.service = createTestService(this.#options.curve);
    this.node = this.createNode();
    this.#serviceInfo = {
      cert: this.service.certPem,
      current_service_create_txid: formatTransactionId(this.view, this.lastSeqno + 1),
      recovery_count: (recovery_count ?? 0) + 1,
      status: "Recovering",
    };
    const root = encodeHex(end.root);
    return this.append(
      mergeWrites(
        writeRow(TABLES.serviceInfo, SINGLETON_KEY, rows.serviceInfo.encode(this.#serviceInfo)),
        writeRow(
          TABLES.servicePreviousServiceIdentity,
          SINGLETON_KEY,
          rows.previousServiceIdentity.encode(previousCert),
        ),
        writeRow(
          TABLES.previousServiceLastSignedRoot,
          SINGLETON_KEY,
          rows.previousServiceLastSignedRoot.encode(root),
        ),
        writeRow(TABLES.nodesInfo, previousNodeId, rows.nodesInfo.encode({ status: "Retired" })),
        this.nodeWrites(this.node, { status: "Trusted" }),
      ),
      { flags: EntryFlag.chunkBefore },
    );
  }

  commitEvidence(seqno: number): string {
    return this.secret.commitEvidence(this.entries[seqno - 1]?.view ?? this.view, seqno);
  }

  /** All entries, one after the other. */
  bytes(): Uint8Array {
    return Buffer.concat(this.entries.map((entry) => entry.bytes));
  }

  /** As the store keeps them: each chunk ends with a signature, but perhaps the last. */
  chunks(): Uint8Array[] {
    const chunks: Uint8Array[][] = [[]];
    for (const entry of this.entries) {
      chunks.at(-1)?.push(entry.bytes);
      if (entry.isSignature) chunks.push([]);
    }
    return chunks.filter((parts) => parts.length > 0).map((parts) => Buffer.concat(parts));
  }

  [Symbol.dispose](): void {
    this.secret.dispose();
    this.#tree.dispose();
  }

  #seal(writes: WriteSet, options: EntryOptions, isSignature: boolean): BuiltEntry {
    const seqno = this.lastSeqno + 1;
    const batch = packBatch([{ writes, ...options }]);
    const sealed = this.secret.seal({ view: this.view, firstSeqno: seqno, batch });
    this.#tree.append(sealed.leaves);
    const entry: BuiltEntry = {
      seqno,
      view: this.view,
      transactionId: formatTransactionId(this.view, seqno),
      bytes: sealed.entries,
      isSignature,
    };
    this.entries.push(entry);
    return entry;
  }
}

/** How a signature transaction is to be wrong. */
export interface SignatureChanges {
  readonly node: TestNode;
  readonly service: TestService;
  readonly root: Uint8Array;
  readonly transactionId: string;
  readonly writes: (writes: WriteSet) => WriteSet;
}

export function writeRow(table: string, key: string, value: Uint8Array | null): WriteSet {
  return new Map([[table, new Map([[key, value]])]]);
}

/** One text under one text key; `null` removes it. */
export function writeText(map: string, key: string, value: string | null): WriteSet {
  return writeRow(map, keyFromText(key), value === null ? null : Buffer.from(value));
}

export function mergeWrites(...sets: readonly WriteSet[]): WriteSet {
  const merged: WriteSet = new Map();
  for (const set of sets) {
    for (const [name, keys] of set) {
      const target = merged.get(name) ?? new Map<string, Uint8Array | null>();
      for (const [key, value] of keys) target.set(key, value);
      merged.set(name, target);
    }
  }
  return merged;
}
