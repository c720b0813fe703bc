// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { coseSign1Sign, LedgerSecret, MerkleTree, SigningKey } from "@consortium/crypto-wasm";
import {
  buildSignatureWrites,
  COSE_ALGORITHM,
  coseProtectedHeader,
  encodeMaps,
  EntryFlag,
  formatTransactionId,
  packBatch,
} from "@consortium/ledger/sealing";
import type {
  SealedChunk,
  SealerAnswer,
  SealerRequest,
  SealerSetup,
  SealRequest,
} from "./messages.js";

/** Seals batches into chunks; holds the keys and the Merkle tree between them. */
class ChunkSealer {
  readonly #setup: SealerSetup;
  readonly #nodeKey: SigningKey;
  readonly #serviceKey: SigningKey;
  readonly #serviceKeyId: string;
  readonly #tree: MerkleTree;
  #secret: LedgerSecret;
  #nodeCertificatePem: string;

  constructor(setup: SealerSetup) {
    this.#setup = setup;
    this.#nodeKey = SigningKey.fromPem(setup.nodePrivateKeyPem);
    this.#serviceKey = SigningKey.fromPem(setup.servicePrivateKeyPem);
    this.#serviceKeyId = createHash("sha256")
      .update(this.#serviceKey.publicKeySpki())
      .digest("hex");
    this.#tree = setup.tree.length === 0 ? MerkleTree.create() : MerkleTree.deserialize(setup.tree);
    this.#secret = new LedgerSecret(setup.ledgerSecret);
    this.#nodeCertificatePem = setup.nodeCertificatePem;
  }

  updateCertificate(nodeCertificatePem: string): void {
    this.#nodeCertificatePem = nodeCertificatePem;
  }

  dispose(): void {
    this.#nodeKey.dispose();
    this.#serviceKey.dispose();
    this.#tree.dispose();
    this.#secret.dispose();
  }

  /** Encrypts the batch, signs the root over it, and adds the signature transaction. */
  seal(request: SealRequest): SealedChunk {
    const { view, firstSeqno, count, batch } = request;
    if (this.#tree.size !== firstSeqno) {
      throw new Error(`the tree has ${this.#tree.size} leaves, the batch starts at ${firstSeqno}`);
    }
    const sealed = count === 0 ? undefined : this.#secret.seal({ view, firstSeqno, batch });
    if (sealed !== undefined) this.#tree.append(sealed.leaves);
    if (request.nextSecret !== null) {
      this.#secret.dispose();
      this.#secret = new LedgerSecret(request.nextSecret);
    }
    const lastSeqno = firstSeqno + count;
    const writes = this.#signatureWrites(view, lastSeqno);
    const flags = request.endsFile ? EntryFlag.chunkAfter : 0;
    const signature = this.#secret.seal({
      view,
      firstSeqno: lastSeqno,
      batch: packBatch([{ writes, flags }]),
    });
    this.#tree.append(signature.leaves);
    const root = this.#tree.root();
    this.#tree.flush(lastSeqno);
    return {
      firstSeqno,
      lastSeqno,
      root,
      entries: concat(sealed?.entries, signature.entries),
      signatureMaps: encodeMaps(writes, "public"),
    };
  }

  #signatureWrites(view: number, seqno: number): ReturnType<typeof buildSignatureWrites> {
    const root = this.#tree.root();
    const header = coseProtectedHeader({
      alg: COSE_ALGORITHM[this.#serviceKey.curve],
      kid: this.#serviceKeyId,
      txid: formatTransactionId(view, seqno),
      iat: Math.floor(Date.now() / 1000),
      issuer: this.#setup.issuer,
      subject: this.#setup.subject,
    });
    return buildSignatureWrites({
      seqno,
      view,
      nodeId: this.#setup.nodeId,
      nodeCertPem: this.#nodeCertificatePem,
      root,
      treeBytes: this.#tree.serialize(),
      nodeSignatureDer: this.#nodeKey.signDigest(root, "der"),
      coseSignature: coseSign1Sign(this.#serviceKey, header, root, { detached: true }),
    });
  }
}

/** Makes the tables of the curve before a view waits for its first signature. */
function warmUp(): void {
  using key = SigningKey.generate("Secp384R1");
  key.signDigest(new Uint8Array(32), "der");
}

function concat(first: Uint8Array | undefined, second: Uint8Array): Uint8Array {
  if (first === undefined) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

const port = parentPort;
if (port === null) throw new Error("the sealer runs as a worker thread");
let sealer: ChunkSealer | undefined;
warmUp();
port.on("message", (request: SealerRequest) => {
  if (request.kind === "begin") {
    sealer?.dispose();
    sealer = new ChunkSealer(request.setup);
    return;
  }
  if (request.kind === "certificate") {
    sealer?.updateCertificate(request.nodeCertificatePem);
    return;
  }
  let answer: SealerAnswer;
  try {
    if (sealer === undefined) throw new Error("the sealer has no keys yet");
    answer = { ok: true, chunk: sealer.seal(request) };
  } catch (error) {
    answer = { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  port.postMessage(answer, answer.ok ? [answer.chunk.entries.buffer as ArrayBuffer] : []);
});
