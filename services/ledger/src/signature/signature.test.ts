// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coseSign1Sign } from "@consortium/crypto-wasm";
import { SINGLETON_KEY, type WriteSet } from "../kv/types.js";
import { canonicalJson, encodeBase64, type JsonObject } from "../tables/json.js";
import { TABLES } from "../tables/names.js";
import { fixtureEntries, fixtureServiceCert } from "../verify/testing/fixtures.js";
import { createTestNode, createTestService } from "../verify/testing/identities.js";
import { writeText } from "../verify/testing/ledger-builder.js";
import { buildSignatureWrites } from "./build-signature.js";
import { COSE_ALGORITHM, coseProtectedHeader, encodeMap, readHeader } from "./cose-header.js";
import { readPublicKey } from "./keys.js";
import {
  isSignatureTransaction,
  parseRootCoseSignature,
  parseSignatureWrites,
  verifyNodeSignature,
  verifyRootCoseSignature,
} from "./parse-signature.js";

const service = createTestService("Secp384R1");
const node = createTestNode(service, "Secp384R1");
const root = Buffer.alloc(32, 5);
const header = coseProtectedHeader({
  alg: COSE_ALGORITHM.Secp384R1,
  kid: service.keyId,
  txid: "2.7",
  iat: 1_750_000_000,
  issuer: "service.example.com",
  subject: "ledger.signature",
});
const coseSignature = coseSign1Sign(service.key, header, root, { detached: true });

function content(): Parameters<typeof buildSignatureWrites>[0] {
  return {
    seqno: 7,
    view: 2,
    nodeId: node.nodeId,
    nodeCertPem: node.certPem,
    root,
    treeBytes: Buffer.from("tree"),
    nodeSignatureDer: node.key.signDigest(root, "der"),
    coseSignature,
  };
}

describe("coseProtectedHeader", () => {
  it("is deterministic CBOR", () => {
    const kid = "ab".repeat(32);
    const bytes = coseProtectedHeader({
      alg: -35,
      kid,
      txid: "2.16",
      iat: 1,
      issuer: "i",
      subject: "s",
    });
    const expected =
      `a5013822045840${Buffer.from(kid).toString("hex")}0fa30161690261730601` +
      `19018b02666363662e7631a164747869646` +
      `4322e3136`;
    assert.equal(Buffer.from(bytes).toString("hex"), expected);
  });

  it("is read again whatever the order of its members", () => {
    const { decoded } = fixtureEntries("cose_flipflop_service")[15] ?? assert.fail();
    const { cose } = parseSignatureWrites(decoded.publicWrites);
    const bytes = cose?.message.protectedHeader ?? new Uint8Array();
    assert.ok(Buffer.from(bytes).toString("hex").startsWith("a5013822045840"));
    assert.deepEqual(readHeader(bytes), {
      alg: -35,
      kid: readPublicKey(fixtureServiceCert("cose_flipflop_service")).id,
      vds: 2,
      iat: 1_747_215_511,
      issuer: "service.example.com",
      subject: "ledger.signature",
      txid: "2.16",
    });
  });
});

describe("a signature transaction", () => {
  it("is written as CCF writes it", () => {
    const writes = buildSignatureWrites(content());
    assert.deepEqual([...writes.keys()], [TABLES.coseSignatures, TABLES.signatures, TABLES.tree]);
    const row = writes.get(TABLES.signatures)?.get(SINGLETON_KEY) ?? new Uint8Array();
    const text = Buffer.from(row).toString();
    const names = Object.keys(JSON.parse(text) as JsonObject).join();
    assert.equal(names, "cert,commit_seqno,commit_view,hashed_nonce,node,root,seqno,sig,view");
  });

  it("is read back and both signatures hold", () => {
    const writes = buildSignatureWrites(content());
    assert.ok(isSignatureTransaction(writes));
    const parsed = parseSignatureWrites(writes);
    assert.ok(parsed.node && verifyNodeSignature(parsed.node, readPublicKey(node.certPem)));
    assert.ok(
      parsed.cose && verifyRootCoseSignature(parsed.cose, root, readPublicKey(service.certPem)),
    );
    assert.equal(parsed.cose.transactionId, "2.7");
    assert.equal(Buffer.from(parsed.treeBytes).toString(), "tree");
  });

  it("needs a signature", () => {
    const { nodeSignatureDer: _node, coseSignature: _cose, ...unsigned } = content();
    assert.throws(() => buildSignatureWrites(unsigned), RangeError);
  });

  it("is not any other transaction", () => {
    assert.equal(isSignatureTransaction(writeText("public:records", "k", "v")), false);
    assert.equal(isSignatureTransaction(new Map([[TABLES.tree, new Map()]])), false);
  });

  it("does not hold for another root or another key", () => {
    const { node: signature, cose } = parseSignatureWrites(buildSignatureWrites(content()));
    assert.ok(signature && cose);
    const key = readPublicKey(service.certPem);
    assert.equal(verifyNodeSignature(signature, key), false);
    assert.equal(
      verifyNodeSignature({ ...signature, root: Buffer.alloc(32) }, readPublicKey(node.certPem)),
      false,
    );
    assert.equal(verifyRootCoseSignature(cose, Buffer.alloc(32), key), false);
    assert.equal(verifyRootCoseSignature(cose, root, readPublicKey(node.certPem)), false);
    assert.equal(verifyRootCoseSignature({ ...cose, keyId: node.nodeId }, root, key), false);
  });

  const set = (table: string, value: Uint8Array | null, key = SINGLETON_KEY): WriteSet =>
    new Map([...buildSignatureWrites(content()), [table, new Map([[key, value]])]]);
  const row = JSON.parse(
    Buffer.from(
      buildSignatureWrites(content()).get(TABLES.signatures)?.get(SINGLETON_KEY) ?? [],
    ).toString(),
  ) as JsonObject;
  const nodeRow = (change: JsonObject): WriteSet =>
    set(TABLES.signatures, Buffer.from(canonicalJson({ ...row, ...change })));
  const bad: [what: string, writes: WriteSet, code: string][] = [
    ["another table", set("public:records", Buffer.from("x")), "SIGNATURE_MALFORMED"],
    ["a removed signature", set(TABLES.signatures, null), "SIGNATURE_MALFORMED"],
    [
      "a signature under another key",
      set(TABLES.signatures, Buffer.from("{}"), "key"),
      "SIGNATURE_MALFORMED",
    ],
    ["a signature that is not JSON", set(TABLES.signatures, Buffer.from("x")), "ROW_MALFORMED"],
    ["a signature without a node", nodeRow({ node: undefined }), "ROW_MALFORMED"],
    ["a root of another size", nodeRow({ root: "00" }), "ROW_MALFORMED"],
    ["a signature that is not base64", nodeRow({ sig: "%" }), "ROW_MALFORMED"],
    ["a seqno that is text", nodeRow({ seqno: "7" }), "ROW_MALFORMED"],
    [
      "a COSE signature that is not JSON",
      set(TABLES.coseSignatures, Buffer.from("x")),
      "ROW_MALFORMED",
    ],
    [
      "a COSE signature that is not COSE",
      set(TABLES.coseSignatures, Buffer.from('"AAAA"')),
      "SIGNATURE_MALFORMED",
    ],
    [
      "no tree",
      new Map([...buildSignatureWrites(content())].filter(([name]) => name !== TABLES.tree)),
      "SIGNATURE_MALFORMED",
    ],
    ["a removed tree", set(TABLES.tree, null), "SIGNATURE_MALFORMED"],
  ];
  for (const [what, writes, code] of bad) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => parseSignatureWrites(writes), { code });
    });
  }
});

describe("parseRootCoseSignature", () => {
  const sign = (members: [unknown, unknown][], detached = true): Uint8Array =>
    coseSign1Sign(service.key, encodeMap(members), root, { detached });
  const [alg, kid, vds]: [unknown, unknown][] = [
    [1, -35],
    [4, Buffer.from(service.keyId)],
    [395, 2],
  ];
  const ccf: [unknown, unknown] = ["ccf.v1", new Map([["txid", "2.7"]])];
  const bad: [what: string, bytes: Uint8Array][] = [
    ["nothing", new Uint8Array()],
    ["no tag", coseSignature.subarray(1)],
    ["a cut message", coseSignature.subarray(0, -1)],
    ["a rest", Buffer.concat([coseSignature, Uint8Array.of(0)])],
    ["an embedded payload", sign([alg, kid, vds, ccf] as [unknown, unknown][], false)],
    ["no key id", sign([alg, vds, ccf] as [unknown, unknown][])],
    ["no transaction", sign([alg, kid, vds] as [unknown, unknown][])],
    ["no data structure", sign([alg, kid, ccf] as [unknown, unknown][])],
    ["another data structure", sign([alg, kid, [395, 1], ccf] as [unknown, unknown][])],
    ["a key id that is text", sign([alg, [4, service.keyId], vds, ccf] as [unknown, unknown][])],
  ];
  for (const [what, bytes] of bad) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseRootCoseSignature(bytes), { code: "SIGNATURE_MALFORMED" });
    });
  }

  it("takes a row whose base64 is not its one form for nothing", () => {
    const text = JSON.stringify(`${encodeBase64(coseSignature)}\n`);
    const writes = buildSignatureWrites(content());
    writes.set(TABLES.coseSignatures, new Map([[SINGLETON_KEY, Buffer.from(text)]]));
    assert.throws(() => parseSignatureWrites(writes), { code: "ROW_MALFORMED" });
  });
});
