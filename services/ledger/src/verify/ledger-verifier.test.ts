// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAppError, type AppError } from "@consortium/kit/errors";
import fc from "fast-check";
import { EntryFlag } from "../entry/layout.js";
import { SINGLETON_KEY, type WriteSet } from "../kv/types.js";
import {
  issueIdentityEndorsement,
  type IssueEndorsement,
} from "../signature/identity-endorsement.js";
import * as internal from "../tables/internal-rows.js";
import { TABLES } from "../tables/names.js";
import * as rows from "../tables/rows.js";
import { LedgerVerifier } from "./ledger-verifier.js";
import { fixtureEntries, fixtureServiceCert } from "./testing/fixtures.js";
import { createTestNode, createTestService } from "./testing/identities.js";
import { LedgerBuilder, mergeWrites, writeRow, writeText } from "./testing/ledger-builder.js";

function feedAll(ledger: LedgerBuilder): LedgerVerifier {
  const verifier = new LedgerVerifier();
  verifier.feed(ledger.bytes());
  return verifier;
}

/** The error of feeding the whole ledger. */
function faultOf(ledger: LedgerBuilder, verifier = new LedgerVerifier()): AppError {
  try {
    verifier.feed(ledger.bytes());
  } catch (error) {
    assert.ok(isAppError(error), String(error));
    return error;
  }
  return assert.fail("the ledger was accepted");
}

describe("LedgerVerifier", () => {
  it("accepts a ledger from genesis to the last signature", () => {
    const ledger = LedgerBuilder.create();
    ledger.sign();
    ledger.open();
    ledger.append(mergeWrites(writeText("records", "k", "v"), writeText("public:x", "k", "v")));
    ledger.sign();
    const verifier = feedAll(ledger);
    assert.equal(verifier.lastSeqno, 5);
    assert.equal(verifier.signatureCount, 2);
    assert.equal(verifier.lastSignature?.transactionId, "2.5");
    assert.equal(verifier.lastSignature?.nodeId, ledger.node.nodeId);
    assert.equal(verifier.lastSignature?.hasServiceSignature, true);
    assert.equal(verifier.service.status, "Open");
    assert.equal(verifier.service.hasEndorsedPrevious, true);
    assert.equal(verifier.tree.size, 6);
  });

  it("accepts the ledgers that CCF wrote, with recovery, mixed signatures and expired certificates", () => {
    for (const [name, transactions, signatures] of [
      ["cose_flipflop_service", 46, 23],
      ["expired_service", 74, 26],
    ] as const) {
      const verifier = new LedgerVerifier();
      verifier.feed(Buffer.concat(fixtureEntries(name).map((entry) => entry.bytes)));
      assert.equal(verifier.lastSeqno, transactions);
      assert.equal(verifier.signatureCount, signatures);
      assert.equal(verifier.service.certPem.trim(), fixtureServiceCert(name).trim());
    }
  });

  it("finds the root that CCF signed", () => {
    const verifier = new LedgerVerifier();
    verifier.feed(Buffer.concat(fixtureEntries("cose_flipflop_service").map(({ bytes }) => bytes)));
    const { lastSignature } = verifier;
    assert.equal(
      Buffer.from(lastSignature?.root ?? []).toString("hex"),
      "3276519e5f042834174904e6f41f6d0866e3779da509c55eb53f745e27a09ab0",
    );
    assert.equal(
      lastSignature?.nodeId,
      "fac07a156b829456395d32ca1334c2f0d90e85b3eedc3c162739c4825cc9d63f",
    );
  });

  it("comes to the same end however the entries are cut into feeds", () => {
    const ledger = LedgerBuilder.create();
    for (let count = 0; count < 12; count += 1) {
      ledger.append(writeText("public:records", `k${count}`, "v"));
      if (count % 5 === 4) ledger.sign();
    }
    ledger.sign();
    const whole = feedAll(ledger);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 20 }), (sizes) => {
        using verifier = new LedgerVerifier();
        const rest = [...ledger.entries];
        for (const size of sizes) {
          verifier.feed(Buffer.concat(rest.splice(0, size).map((entry) => entry.bytes)));
        }
        verifier.feed(Buffer.concat(rest.map((entry) => entry.bytes)));
        assert.deepEqual(verifier.lastSignature, whole.lastSignature);
        assert.deepEqual(verifier.tree.serialize(), whole.tree.serialize());
      }),
      { numRuns: 20 },
    );
  });

  it("keeps the leaves that the next signature transaction must hold", () => {
    const ledger = LedgerBuilder.create();
    ledger.sign();
    ledger.append(writeText("records", "k", "v"));
    const { tree } = feedAll(ledger);
    assert.equal(tree.flushed, 2);
    assert.equal(tree.size, 4);
  });

  it("reports a signature only in the feed that holds it", () => {
    const ledger = LedgerBuilder.create();
    const verifier = new LedgerVerifier();
    assert.equal(verifier.feed(ledger.bytes()).lastSignature, undefined);
    assert.equal(verifier.feed(ledger.sign().bytes).lastSignature?.transactionId, "2.2");
    const { bytes } = ledger.append(writeText("records", "k", "v"));
    const fed = verifier.feed(bytes);
    assert.equal(fed.lastSignature, undefined);
    assert.equal(fed.leaves.length, 32);
    assert.equal(fed.entries.length, 1);
    assert.deepEqual(verifier.feed(new Uint8Array()).entries, []);
  });

  it("accepts nothing more after a fault", () => {
    const ledger = LedgerBuilder.create();
    const verifier = new LedgerVerifier();
    assert.throws(() => verifier.feed(ledger.bytes().subarray(1)));
    assert.throws(() => verifier.feed(ledger.bytes()), { code: "VERIFIER_STOPPED" });
  });

  it("stays where it is when its fork finds a fault", () => {
    const ledger = LedgerBuilder.create();
    ledger.sign();
    using verifier = feedAll(ledger);
    const good = ledger.append(writeText("records", "k", "v")).bytes;
    const signature = ledger.sign().bytes;
    const bad = Uint8Array.from(good);
    bad[10] = (bad[10] ?? 0) ^ 1;
    using fork = verifier.fork();
    assert.throws(() => fork.feed(Buffer.concat([bad, signature])), { code: "ROOT_MISMATCH" });
    verifier.feed(Buffer.concat([good, signature]));
    assert.equal(verifier.lastSignature?.transactionId, "2.4");
  });

  it("can leave the node's signature to others where the service signed", () => {
    const ledger = LedgerBuilder.create();
    const node = createTestNode(ledger.service, "Secp256R1");
    ledger.sign({}, { node: { ...ledger.node, key: node.key } });
    assert.equal(faultOf(ledger).code, "SIGNATURE_INVALID");
    new LedgerVerifier({ signatures: "service" }).feed(ledger.bytes());
  });

  it("checks the node's signature all the same where the service did not sign", () => {
    const ledger = LedgerBuilder.create({ serviceSignatures: false });
    const node = createTestNode(ledger.service, "Secp256R1");
    ledger.sign({}, { node: { ...ledger.node, key: node.key } });
    const verifier = new LedgerVerifier({ signatures: "service" });
    assert.equal(faultOf(ledger, verifier).code, "SIGNATURE_INVALID");
  });

  it("can insist on the service's signature", () => {
    const ledger = LedgerBuilder.create({ serviceSignatures: false });
    ledger.sign();
    feedAll(ledger);
    const verifier = new LedgerVerifier({ requireServiceSignature: true });
    assert.equal(faultOf(ledger, verifier).code, "SERVICE_SIGNATURE_MISSING");
  });

  it("accepts signatures of the service alone", () => {
    const ledger = LedgerBuilder.create({ nodeSignatures: false });
    ledger.sign();
    assert.equal(feedAll(ledger).lastSignature?.nodeId, undefined);
  });

  it("accepts a recovery that endorses the former identity", () => {
    const ledger = LedgerBuilder.create();
    ledger.open();
    ledger.sign();
    ledger.recover();
    ledger.sign();
    ledger.append(ledger.statusWrites("WaitingForRecoveryShares"));
    ledger.open();
    ledger.sign();
    const verifier = feedAll(ledger);
    const [former, current] = verifier.services;
    assert.equal(former?.lastSigned?.transactionId, "2.3");
    assert.equal(current?.createdAt, "4.4");
    assert.equal(current?.hasEndorsedPrevious, true);
    assert.equal(verifier.lastView, 4);
  });

  it("accepts no recovery after the service that is expected, but any before it", () => {
    const ledger = LedgerBuilder.create();
    const first = ledger.service.certPem;
    ledger.sign();
    ledger.recover();
    ledger.sign();
    const strict = new LedgerVerifier({ serviceCertPem: first });
    const fault = faultOf(ledger, strict);
    assert.equal(fault.code, "SERVICE_IDENTITY_MISMATCH");
    assert.equal(fault.details.transactionId, "4.3");
    const verifier = new LedgerVerifier({ serviceCertPem: ledger.service.certPem });
    const [genesis, ...rest] = ledger.entries.map((entry) => entry.bytes);
    verifier.feed(genesis ?? assert.fail());
    assert.equal(verifier.hasExpectedService, false);
    verifier.feed(Buffer.concat(rest));
    assert.equal(verifier.hasExpectedService, true);
    assert.equal(feedAll(ledger).hasExpectedService, true);
  });

  it("names the transaction that was changed, in whatever feed it came", () => {
    const ledger = LedgerBuilder.create();
    ledger.sign();
    for (let count = 0; count < 6; count += 1) ledger.append(writeText("records", "k", "v"));
    ledger.sign();
    const verifier = new LedgerVerifier();
    for (const [index, entry] of ledger.entries.entries()) {
      const bytes = Uint8Array.from(entry.bytes);
      if (index === 4) bytes[12] = (bytes[12] ?? 0) ^ 0x80;
      if (index < 8) verifier.feed(bytes);
      else
        assert.throws(() => verifier.feed(bytes), {
          code: "ROOT_MISMATCH",
          details: { transactionId: "2.5", seqno: "5" },
        });
    }
    const changed = Uint8Array.from(ledger.bytes());
    const offset = Buffer.concat(ledger.entries.slice(0, 4).map((one) => one.bytes)).length;
    changed[offset + 12] = (changed[offset + 12] ?? 0) ^ 0x80;
    assert.throws(() => new LedgerVerifier().feed(changed), {
      code: "ROOT_MISMATCH",
      details: { transactionId: "2.5", seqno: "5", offset: String(offset) },
    });
  });
});

describe("LedgerVerifier refuses", () => {
  const foreign = createTestService("Secp256R1").key.publicKeySpki();
  const node = (ledger: LedgerBuilder, status: rows.NodeStatus, role?: rows.NodeRole): void => {
    const added = ledger.createNode();
    ledger.append(ledger.nodeWrites(added, { status, ...(role && { role }) }));
    ledger.sign({}, { node: added });
  };
  const service = (ledger: LedgerBuilder, change: Partial<rows.ServiceInfo>): void => {
    const row: rows.ServiceInfo = {
      cert: ledger.service.certPem,
      current_service_create_txid: "2.1",
      recovery_count: 0,
      status: "Opening",
      ...change,
    };
    ledger.append(writeRow(TABLES.serviceInfo, SINGLETON_KEY, rows.serviceInfo.encode(row)));
  };
  const signWith = (ledger: LedgerBuilder, ...sets: WriteSet[]): void => {
    ledger.sign({}, { writes: (writes) => mergeWrites(writes, ...sets) });
  };
  const cases: [what: string, build: (ledger: LedgerBuilder) => void, code: string, at: string][] =
    [
      [
        "a gap in the seqnos",
        (one) => void (one.sign(), one.append(new Map()), one.entries.splice(1, 1)),
        "SEQNO_NOT_CONTIGUOUS",
        "2.3",
      ],
      [
        "a seqno twice",
        (one) => void (one.sign(), one.entries.push(one.entries[1] ?? assert.fail())),
        "SEQNO_NOT_CONTIGUOUS",
        "2.2",
      ],
      [
        "a ledger without its beginning",
        (one) => void (one.sign(), one.entries.shift()),
        "SEQNO_NOT_CONTIGUOUS",
        "2.2",
      ],
      [
        "a view that goes back",
        (one) => void (one.sign(), (one.view = 1), one.append(new Map())),
        "VIEW_INVALID",
        "1.3",
      ],
      [
        "a view after unsigned transactions",
        (one) => void (one.sign(), one.append(new Map()), (one.view = 3), one.sign()),
        "VIEW_INVALID",
        "3.4",
      ],
      [
        "a chunk after unsigned transactions",
        (one) => void one.append(new Map(), { flags: EntryFlag.chunkBefore }),
        "CHUNK_FLAG_INVALID",
        "2.2",
      ],
      [
        "a root that is another's",
        (one) => void one.sign({}, { root: Buffer.alloc(32, 1) }),
        "ROOT_MISMATCH",
        "2.2",
      ],
      [
        "a tree that is another's",
        (one) => signWith(one, writeRow(TABLES.tree, SINGLETON_KEY, Buffer.alloc(48))),
        "ROOT_MISMATCH",
        "2.2",
      ],
      [
        "a tree that is none",
        (one) => signWith(one, writeRow(TABLES.tree, SINGLETON_KEY, Buffer.alloc(8))),
        "ROOT_MISMATCH",
        "2.2",
      ],
      [
        "a signature with private writes",
        (one) => signWith(one, writeText("records", "k", "v")),
        "SIGNATURE_NOT_CANONICAL",
        "2.2",
      ],
      [
        "a signature with other tables",
        (one) => signWith(one, writeText("public:records", "k", "v")),
        "SIGNATURE_MALFORMED",
        "2.2",
      ],
      [
        "a signature with claims",
        (one) => void one.sign({ claimsDigest: new Uint8Array(32).fill(1) }),
        "SIGNATURE_NOT_CANONICAL",
        "2.2",
      ],
      [
        "a service signature of another transaction",
        (one) => void one.sign({}, { transactionId: "2.3" }),
        "SIGNATURE_POSITION_MISMATCH",
        "2.2",
      ],
      [
        "a service signature of another key",
        (one) => void one.sign({}, { service: createTestService("Secp256R1") }),
        "SIGNATURE_INVALID",
        "2.2",
      ],
      [
        "a signature by a node that nobody knows",
        (one) => void one.sign({}, { node: one.createNode() }),
        "NODE_NOT_TRUSTED",
        "2.2",
      ],
      ["a signature by a pending node", (one) => node(one, "Pending"), "NODE_NOT_TRUSTED", "2.3"],
      [
        "a signature by a governance node",
        (one) => node(one, "Trusted", "governance"),
        "NODE_NOT_TRUSTED",
        "2.3",
      ],
      [
        "a signature by a removed node",
        (one) => void (one.append(writeRow(TABLES.nodesInfo, one.node.nodeId, null)), one.sign()),
        "NODE_NOT_TRUSTED",
        "2.3",
      ],
      [
        "a signature by a node without certificate",
        (one) =>
          void (
            one.append(writeRow(TABLES.nodesEndorsedCertificates, one.node.nodeId, null)),
            one.sign()
          ),
        "NODE_CERTIFICATE_INVALID",
        "2.3",
      ],
      [
        "a certificate of another node",
        (one) =>
          void (
            one.append(
              writeRow(
                TABLES.nodesEndorsedCertificates,
                one.node.nodeId,
                Buffer.from(one.createNode().certPem),
              ),
            ),
            one.sign()
          ),
        "NODE_CERTIFICATE_INVALID",
        "2.3",
      ],
      [
        "a certificate that another service endorsed",
        (one) => {
          const other = createTestNode(createTestService("Secp256R1"), "Secp256R1");
          one.append(one.nodeWrites(other, { status: "Trusted" }));
          one.sign({}, { node: other });
        },
        "NODE_CERTIFICATE_INVALID",
        "2.3",
      ],
      [
        "a row of a node that cannot be read",
        (one) => void one.append(writeText(TABLES.nodesInfo, one.node.nodeId, "{")),
        "ROW_MALFORMED",
        "2.2",
      ],
      [
        "a removed service",
        (one) => void one.append(writeRow(TABLES.serviceInfo, SINGLETON_KEY, null)),
        "SERVICE_STATUS_INVALID",
        "2.2",
      ],
      [
        "a status that cannot follow",
        (one) => service(one, { status: "Recovering" }),
        "SERVICE_STATUS_INVALID",
        "2.2",
      ],
      [
        "another service key without recovery",
        (one) => service(one, { cert: createTestService("Secp256R1").certPem, status: "Open" }),
        "SERVICE_IDENTITY_INVALID",
        "2.2",
      ],
      [
        "a service certificate that is none",
        (one) => service(one, { cert: "x" }),
        "SERVICE_IDENTITY_INVALID",
        "2.2",
      ],
      [
        "a service certificate that another issued",
        (one) => service(one, { cert: one.createNode().certPem, status: "Recovering" }),
        "SERVICE_IDENTITY_INVALID",
        "2.2",
      ],
      [
        "a recovery after unsigned transactions",
        (one) =>
          service(one, { cert: createTestService("Secp256R1").certPem, status: "Recovering" }),
        "SERVICE_IDENTITY_INVALID",
        "2.2",
      ],
      [
        "a recovery count that leaps",
        (one) => {
          one.sign();
          service(one, {
            cert: createTestService("Secp256R1").certPem,
            status: "Recovering",
            recovery_count: 2,
            current_service_create_txid: "2.3",
          });
        },
        "SERVICE_IDENTITY_INVALID",
        "2.3",
      ],
      [
        "a recovery that says it was elsewhere",
        (one) => {
          one.sign();
          service(one, {
            cert: createTestService("Secp256R1").certPem,
            status: "Recovering",
            recovery_count: 1,
          });
        },
        "SERVICE_IDENTITY_INVALID",
        "2.3",
      ],
      [
        "an endorsement that cannot be read",
        (one) =>
          void one.append(
            writeText(TABLES.previousServiceIdentityEndorsement, SINGLETON_KEY, "{}"),
          ),
        "ROW_MALFORMED",
        "2.2",
      ],
    ];
  for (const [what, build, code, transactionId] of cases) {
    it(what, () => {
      using ledger = LedgerBuilder.create();
      build(ledger);
      const fault = faultOf(ledger);
      assert.equal(fault.code, code, fault.message);
      assert.equal(fault.details.transactionId, transactionId);
    });
  }

  const recoveries: [what: string, spoil: (writes: WriteSet) => void][] = [
    [
      "another previous certificate",
      (writes) =>
        writes.set(
          TABLES.servicePreviousServiceIdentity,
          new Map([[SINGLETON_KEY, rows.previousServiceIdentity.encode("x")]]),
        ),
    ],
    [
      "another last signed root",
      (writes) =>
        writes.set(
          TABLES.previousServiceLastSignedRoot,
          new Map([[SINGLETON_KEY, rows.previousServiceLastSignedRoot.encode("00".repeat(32))]]),
        ),
    ],
  ];
  for (const [what, spoil] of recoveries) {
    it(`a recovery that names ${what}`, () => {
      using ledger = LedgerBuilder.create();
      ledger.sign();
      const append = ledger.append.bind(ledger);
      ledger.append = (writes, options) => {
        spoil(writes);
        return append(writes, options);
      };
      ledger.recover();
      assert.equal(faultOf(ledger).code, "SERVICE_IDENTITY_INVALID");
    });
  }

  const endorsements: [what: string, change: Partial<IssueEndorsement>, code: string][] = [
    ["a first endorsement of another key", { endorsedKey: foreign }, "SERVICE_IDENTITY_INVALID"],
    ["a first endorsement of another epoch", { epochStart: "2.2" }, "SERVICE_IDENTITY_INVALID"],
    [
      "an endorsement of a key that was never the service's",
      { endorsedKey: foreign, epochEnd: "2.2" },
      "SERVICE_IDENTITY_INVALID",
    ],
    [
      "an endorsement after one that is not there",
      { previousVersion: 1 },
      "SERVICE_IDENTITY_INVALID",
    ],
    [
      "an endorsement by another key",
      { endorsingKey: createTestService("Secp256R1").key },
      "IDENTITY_ENDORSEMENT_INVALID",
    ],
  ];
  for (const [what, change, code] of endorsements) {
    it(what, () => {
      using ledger = LedgerBuilder.create();
      const row = issueIdentityEndorsement({
        endorsingKey: ledger.service.key,
        endorsedKey: ledger.service.key.publicKeySpki(),
        issuedAt: 1_750_000_000,
        epochStart: "2.1",
        ...change,
      });
      const bytes = internal.previousServiceIdentityEndorsement.encode(row);
      ledger.append(writeRow(TABLES.previousServiceIdentityEndorsement, SINGLETON_KEY, bytes));
      assert.equal(faultOf(ledger).code, code);
    });
  }

  for (const [what, change] of [
    ["another beginning", { epochStart: "2.2" }],
    ["another end", { epochEnd: "2.1" }],
    ["another last root", { epochEndRoot: new Uint8Array(32) }],
  ] as const) {
    it(`an endorsement of the former service with ${what}`, () => {
      using ledger = LedgerBuilder.create();
      const former = ledger.service;
      const root = new LedgerVerifier().feed(Buffer.concat([ledger.bytes(), ledger.sign().bytes]));
      ledger.recover();
      const row = issueIdentityEndorsement({
        endorsingKey: ledger.service.key,
        endorsedKey: former.key.publicKeySpki(),
        issuedAt: 1_750_000_000,
        epochStart: "2.1",
        epochEnd: "2.2",
        epochEndRoot: root.lastSignature?.root ?? assert.fail(),
        ...change,
      });
      const bytes = internal.previousServiceIdentityEndorsement.encode(row);
      ledger.append(writeRow(TABLES.previousServiceIdentityEndorsement, SINGLETON_KEY, bytes));
      assert.equal(faultOf(ledger).code, "SERVICE_IDENTITY_INVALID");
    });
  }

  it("a first transaction that makes no service", () => {
    using ledger = LedgerBuilder.create();
    ledger.entries.length = 0;
    ledger.append(writeText("records", "k", "v"));
    const fault = faultOf(ledger);
    assert.equal(fault.code, "GENESIS_INVALID");
  });
});
