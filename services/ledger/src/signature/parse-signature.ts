// SPDX-License-Identifier: Apache-2.0
import { coseSign1Parse, coseSign1Verify, type CoseSign1 } from "@consortium/crypto-wasm";
import { SINGLETON_KEY, type WriteSet } from "../kv/types.js";
import * as internal from "../tables/internal-rows.js";
import { decodeBase64, decodeHex } from "../tables/json.js";
import { TABLES } from "../tables/names.js";
import { CCF_LEDGER_SHA256, readHeader } from "./cose-header.js";
import { signatureErrors } from "./errors.js";
import type { PublicKey } from "./keys.js";

/** A node's signature over a root. */
export interface NodeSignature {
  readonly nodeId: string;
  readonly seqno: number;
  readonly view: number;
  readonly root: Uint8Array;
  readonly signatureDer: Uint8Array;
  readonly certPem?: string;
}

/** The service's signature over a root, which it does not contain. */
export interface RootCoseSignature {
  readonly bytes: Uint8Array;
  readonly message: CoseSign1;
  /** Hex SHA-256 of the public key that signed. */
  readonly keyId: string;
  /** The signature transaction, `view.seqno`. */
  readonly transactionId: string;
  /** Seconds since the epoch. */
  readonly issuedAt?: number;
  readonly issuer?: string;
  readonly subject?: string;
}

export interface SignatureTransaction {
  readonly node?: NodeSignature;
  readonly cose?: RootCoseSignature;
  readonly treeBytes: Uint8Array;
}

export function isSignatureTransaction(writes: WriteSet): boolean {
  return writes.has(TABLES.signatures) || writes.has(TABLES.coseSignatures);
}

/** Reads a signature transaction. Throws `SIGNATURE_MALFORMED` or `ROW_MALFORMED`. */
export function parseSignatureWrites(writes: WriteSet): SignatureTransaction {
  for (const table of writes.keys()) {
    if (table !== TABLES.signatures && table !== TABLES.coseSignatures && table !== TABLES.tree) {
      throw malformed(`a signature transaction also writes ${table}`);
    }
  }
  const node = single(writes, TABLES.signatures);
  const cose = single(writes, TABLES.coseSignatures);
  const treeBytes = single(writes, TABLES.tree);
  if (treeBytes === undefined) throw malformed("a signature transaction holds no tree");
  return {
    ...(node && { node: parseNodeSignature(node) }),
    ...(cose && { cose: parseRootCoseSignature(unwrap(cose)) }),
    treeBytes,
  };
}

export function parseNodeSignature(rowBytes: Uint8Array): NodeSignature {
  const row = internal.signatures.decode(rowBytes);
  const root = decodeHex(row.root, 32);
  const signatureDer = decodeBase64(row.sig);
  if (root === undefined || signatureDer === undefined) throw malformed("root or signature");
  return {
    nodeId: row.node,
    seqno: row.seqno,
    view: row.view,
    root,
    signatureDer,
    ...(row.cert !== undefined && { certPem: row.cert }),
  };
}

/** Reads a COSE_Sign1 over a root: detached payload, empty unprotected header. */
export function parseRootCoseSignature(bytes: Uint8Array): RootCoseSignature {
  let message: CoseSign1;
  let header: ReturnType<typeof readHeader>;
  try {
    message = coseSign1Parse(bytes);
    header = readHeader(message.protectedHeader);
  } catch (cause) {
    throw malformed("the COSE signature cannot be read", cause);
  }
  if (message.payload !== null) throw malformed("the COSE signature has a payload");
  if (message.unprotectedHeader.length !== 1)
    throw malformed("the COSE signature has unprotected headers");
  const { kid, txid, vds, iat, issuer, subject } = header;
  if (kid === undefined) throw malformed("the COSE signature names no key");
  if (txid === undefined) throw malformed("the COSE signature names no transaction");
  if (vds !== CCF_LEDGER_SHA256) throw malformed("the COSE signature is not of a CCF ledger");
  return {
    bytes,
    message,
    keyId: kid,
    transactionId: txid,
    ...(iat !== undefined && { issuedAt: iat }),
    ...(issuer !== undefined && { issuer }),
    ...(subject !== undefined && { subject }),
  };
}

/** Whether the node's key made the signature; the root is taken as a SHA-256 digest. */
export function verifyNodeSignature(signature: NodeSignature, key: PublicKey): boolean {
  return key.verifyingKey.verifyDigest(signature.root, signature.signatureDer, "der");
}

/** Whether the service's key made the signature over this root. */
export function verifyRootCoseSignature(
  signature: RootCoseSignature,
  root: Uint8Array,
  key: PublicKey,
): boolean {
  return signature.keyId === key.id && coseSign1Verify(signature.message, root, key.verifyingKey);
}

function unwrap(rowBytes: Uint8Array): Uint8Array {
  const bytes = decodeBase64(internal.coseSignatures.decode(rowBytes));
  if (bytes === undefined) throw malformed("the COSE signature is not base64");
  return bytes;
}

/** The one value of a table in this transaction; `undefined` if the table is not written. */
function single(writes: WriteSet, table: string): Uint8Array | undefined {
  const keys = writes.get(table);
  if (keys === undefined) return undefined;
  const value = keys.get(SINGLETON_KEY);
  if (keys.size !== 1 || value === undefined || value === null) {
    throw malformed(`${table} holds something else than one value`);
  }
  return value;
}

function malformed(what: string, cause?: unknown): Error {
  return signatureErrors("SIGNATURE_MALFORMED", `malformed signature transaction: ${what}`, {
    cause,
  });
}
