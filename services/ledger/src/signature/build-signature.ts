// SPDX-License-Identifier: Apache-2.0
import { SINGLETON_KEY, type WriteSet } from "../kv/types.js";
import * as internal from "../tables/internal-rows.js";
import { encodeBase64, encodeHex } from "../tables/json.js";
import { TABLES } from "../tables/names.js";

export interface SignatureContent {
  readonly seqno: number;
  readonly view: number;
  readonly nodeId: string;
  /** The certificate that the service endorsed for the signing node. */
  readonly nodeCertPem: string;
  /** Over the leaves before this transaction. */
  readonly root: Uint8Array;
  /** The serialised tree with these leaves. */
  readonly treeBytes: Uint8Array;
  /** The node's signature over the root; absent where the service signs by COSE only. */
  readonly nodeSignatureDer?: Uint8Array;
  /** The service's COSE_Sign1 over the root. */
  readonly coseSignature?: Uint8Array;
}

/** The writes of a signature transaction: everything that commits what came before it. */
export function buildSignatureWrites(content: SignatureContent): WriteSet {
  const writes: WriteSet = new Map();
  if (content.coseSignature !== undefined) {
    const row = internal.coseSignatures.encode(encodeBase64(content.coseSignature));
    writes.set(TABLES.coseSignatures, new Map([[SINGLETON_KEY, row]]));
  }
  if (content.nodeSignatureDer !== undefined) {
    const row = internal.signatures.encode({
      cert: content.nodeCertPem,
      commit_seqno: 0,
      commit_view: 0,
      hashed_nonce: "0".repeat(64),
      node: content.nodeId,
      root: encodeHex(content.root),
      seqno: content.seqno,
      sig: encodeBase64(content.nodeSignatureDer),
      view: content.view,
    });
    writes.set(TABLES.signatures, new Map([[SINGLETON_KEY, row]]));
  }
  if (writes.size === 0) throw new RangeError("a signature transaction needs a signature");
  writes.set(TABLES.tree, new Map([[SINGLETON_KEY, content.treeBytes]]));
  return writes;
}
