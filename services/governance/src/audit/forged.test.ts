// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createCsr, createSelfSigned, endorse, generateEcKeyPem } from "@consortium/kit";
import {
  type DecodedEntry,
  decodeEntry,
  encodeJson,
  internalRows,
  keyFromText,
  rows,
  SINGLETON_KEY,
  TABLES,
  type WriteSet,
} from "@consortium/ledger";
import { mergeWrites, writeRow } from "@consortium/ledger/testing/ledger";
import { NO, YES } from "../testing/consortium.js";
import { createParty, signRequest } from "../testing/member.js";
import type { Verdict } from "./auditor.js";
import { LocalSandbox } from "./local-sandbox.js";
import { entriesOf, InProcessAudit, type RawEntry } from "./testing/audit-in-process.js";
import { RecordedConsortium } from "./testing/recorded-consortium.js";

const SLOW = "Operation took too long to complete.";

/** What somebody with the keys of the service could put on a ledger, though no member decided it. */
describe("what no member decided", () => {
  let sandbox: LocalSandbox;
  let consortium: RecordedConsortium;
  let nodeId = "";
  const user = createParty("user", "Secp256R1");
  const stranger = createParty("stranger", "Secp256R1");

  before(async () => {
    sandbox = await LocalSandbox.create();
    consortium = await RecordedConsortium.start(3);
    await consortium.open();
    nodeId = consortium.join("governance");
  });
  after(() => consortium[Symbol.asyncDispose]());

  /** Judges one more transaction after everything that was recorded. */
  async function judge(forge: (entries: readonly RawEntry[]) => WriteSet): Promise<Verdict> {
    const entries = entriesOf(consortium.ledger.builder.bytes());
    using audit = new InProcessAudit(sandbox);
    for (const { entry, leaf } of entries) audit.apply(entry, leaf);
    const seqno = entries.length + 1;
    return audit.check({ seqno, view: 2, publicWrites: forge(entries) });
  }

  /** Records something real, and judges a changed copy of its last request instead of that. */
  async function judgeChanged(
    act: () => Promise<unknown>,
    change: (writes: WriteSet) => WriteSet,
  ): Promise<Verdict> {
    await act();
    const entries = entriesOf(consortium.ledger.builder.bytes());
    const at = entries.findLastIndex(({ entry }) => entry.publicWrites.has(TABLES.coseHistory));
    using audit = new InProcessAudit(sandbox);
    for (const { entry, leaf } of entries.slice(0, at)) audit.apply(entry, leaf);
    const { entry, raw } = entries[at]!;
    assert.deepEqual((await audit.check(entry)).complaints, []);
    return audit.check({ ...entry, publicWrites: change(decodeEntry(raw).publicWrites) });
  }

  const codes = ({ complaints }: Verdict): string[] => [
    ...new Set(complaints.map(({ code }) => code)),
  ];

  it("is a member that is simply there", async () => {
    const verdict = await judge(() =>
      mergeWrites(
        writeRow(TABLES.membersCerts, stranger.id, Buffer.from(stranger.cert)),
        writeRow(TABLES.membersInfo, stranger.id, rows.membersInfo.encode({ status: "Active" })),
      ),
    );
    assert.deepEqual(codes(verdict), ["ROW_UNEXPLAINED"]);
    assert.equal(verdict.complaints[0]?.table, TABLES.membersCerts);
    assert.equal(verdict.complaints[0]?.key, stranger.id);
  });

  for (const [name, write] of [
    ["another constitution", () => writeRow(TABLES.constitution, SINGLETON_KEY, encodeJson("x"))],
    [
      "a proposal that is suddenly accepted",
      () =>
        writeRow(
          TABLES.proposalsInfo,
          "ab".repeat(32),
          encodeJson({ ballots: {}, proposer_id: "", state: "Accepted" }),
        ),
    ],
    [
      "a table that nobody knows",
      () => writeRow("public:ccf.gov.secret_rules", SINGLETON_KEY, encodeJson(1)),
    ],
    ["a user", () => writeRow(TABLES.usersCerts, user.id, Buffer.from(user.cert))],
    [
      "a state digest that is no root",
      () =>
        writeRow(
          TABLES.membersAcks,
          keyFromText("ab".repeat(32)),
          encodeJson({ state_digest: "ab".repeat(32) }),
        ),
    ],
  ] as const) {
    it(`is ${name}`, async () => {
      assert.deepEqual(codes(await judge(write)), ["ROW_UNEXPLAINED"]);
    });
  }

  it("is a node that is trusted without a vote", async () => {
    const info = rows.nodesInfo.decode(
      consortium.ledger.state.latest.get(TABLES.nodesInfo, nodeId)!.value,
    );
    const trusted = rows.nodesInfo.encode({ ...info, status: "Trusted" });
    assert.deepEqual(codes(await judge(() => writeRow(TABLES.nodesInfo, nodeId, trusted))), [
      "ROW_UNEXPLAINED",
    ]);
    const { node } = consortium.ledger.builder;
    const other = rows.nodesInfo.encode({ public_key: node.publicKeyPem, status: "Trusted" });
    const verdict = await judge(() => writeRow(TABLES.nodesInfo, "ab".repeat(32), other));
    assert.deepEqual(codes(verdict), ["ROW_MALFORMED"]);
  });

  it("is a request of somebody who is no member, or by another key", async () => {
    const { proposalId } = await consortium.propose("set_user", { cert: user.cert });
    for (const [message, party] of [
      [/Signer is not a known member/, stranger],
      [/Failed to validate COSE Sign1/, { ...consortium.member(1), key: stranger.key }],
    ] as const) {
      const ballot = signRequest(party, "ballot", { ballot: YES }, { proposalId });
      const text = rows.coseHistory.encode(Buffer.from(ballot).toString("base64"));
      const verdict = await judge(() => writeRow(TABLES.coseHistory, party.id, text));
      assert.deepEqual(codes(verdict), ["REQUEST_INVALID"]);
      assert.match(verdict.complaints[0]?.message ?? "", message);
    }
  });

  it("is what is not a request at all, or two at once", async () => {
    const rubbish = writeRow(TABLES.coseHistory, stranger.id, rows.coseHistory.encode("AAAA"));
    assert.deepEqual(codes(await judge(() => rubbish)), ["REQUEST_INVALID"]);
    const other = writeRow(TABLES.coseHistory, user.id, rows.coseHistory.encode("AAAA"));
    assert.deepEqual(codes(await judge(() => mergeWrites(rubbish, other))), ["REQUEST_AMBIGUOUS"]);
  });

  it("is a request that was recorded before", async () => {
    await consortium.propose("trigger_ledger_chunk");
    const isProposal = ({ entry }: { entry: DecodedEntry }): boolean =>
      entry.publicWrites.has(TABLES.coseRecentProposals);
    const verdict = await judge((entries) => entries.findLast(isProposal)!.entry.publicWrites);
    assert.deepEqual(codes(verdict), ["REQUEST_REFUSED"]);
    assert.match(verdict.complaints[0]?.message ?? "", /replay/);
  });

  it("is a proposal whose id comes from nowhere", async () => {
    const verdict = await judgeChanged(
      () => consortium.propose("trigger_ledger_chunk"),
      (writes) => {
        const [[, body]] = [...writes.get(TABLES.proposals)!] as [[string, Uint8Array]];
        return new Map(writes).set(TABLES.proposals, new Map([["ab".repeat(32), body]]));
      },
    );
    assert.deepEqual(codes(verdict), ["PROPOSAL_ID_UNEXPLAINED"]);
  });

  it("is a vote that was counted as its opposite", async () => {
    const { proposalId } = await consortium.propose("set_user", { cert: user.cert });
    await consortium.vote(proposalId, 0, NO);
    await consortium.vote(proposalId, 1);
    const verdict = await judgeChanged(
      () => consortium.vote(proposalId, 2, NO),
      (writes) => changeInfo(writes, proposalId, (info) => ({ ...info, state: "Accepted" })),
    );
    assert.deepEqual(codes(verdict), ["ROW_DIFFERS"]);
    assert.equal(verdict.complaints[0]?.table, TABLES.proposalsInfo);
  });

  it("is an effect that was left out, or one too many", async () => {
    const without = await judgeChanged(
      () => consortium.pass("set_user", { cert: user.cert }),
      (writes) => withoutTable(writes, TABLES.usersCerts),
    );
    assert.deepEqual(codes(without), ["ROW_MISSING"]);
    const more = await judgeChanged(
      () => consortium.pass("set_user", { cert: user.cert }),
      (writes) => mergeWrites(writes, writeRow(TABLES.usersCerts, stranger.id, Buffer.from("x"))),
    );
    assert.deepEqual(codes(more), ["ROW_UNEXPLAINED"]);
  });

  it("is a share for somebody who should have none", async () => {
    const verdict = await judgeChanged(
      () => consortium.pass("trigger_recovery_shares_refresh"),
      (writes) => {
        const row = internalRows.recoveryShares.decode(
          writes.get(TABLES.recoveryShares)!.get(SINGLETON_KEY)!,
        );
        const shares = { ...row.encrypted_shares, [stranger.id]: "AAAA" };
        const value = internalRows.recoveryShares.encode({ ...row, encrypted_shares: shares });
        return mergeWrites(writes, writeRow(TABLES.recoveryShares, SINGLETON_KEY, value));
      },
    );
    assert.deepEqual(codes(verdict), ["ROW_MALFORMED"]);
    const without = await judgeChanged(
      () => consortium.pass("trigger_recovery_shares_refresh"),
      (writes) => withoutTable(writes, TABLES.recoveryShares),
    );
    assert.deepEqual(codes(without), ["ROW_MISSING"]);
  });

  it("is a certificate of another issuer, key, name or time than was decided", async () => {
    const args = { node_id: nodeId, valid_from: "2026-11-21 00:00:00", validity_period_days: 30 };
    const { certPem, keyPem } = consortium.ledger.builder.service;
    const ownKey = generateEcKeyPem("Secp256R1");
    const ownCert = createSelfSigned({ keyPem: ownKey, subject: "CN=CCF Test Service", days: 90 });
    const info = rows.nodesInfo.decode(
      consortium.ledger.state.latest.get(TABLES.nodesInfo, nodeId)!.value,
    );
    const csr = info.certificate_signing_request!;
    const otherKey = generateEcKeyPem("Secp256R1");
    const otherCsr = createCsr({
      keyPem: otherKey,
      subject: "CN=Node",
      sans: ["dNSName:node.test"],
    });
    const validFrom = new Date("2026-11-21T00:00:00Z");
    const right = { csr, issuerKeyPem: keyPem, issuerCert: certPem, validFrom, days: 30 };
    const wrong: readonly [RegExp, string][] = [
      [/did not issue/, endorse({ ...right, issuerKeyPem: ownKey, issuerCert: ownCert })],
      [/another key/, endorse({ ...right, csr: otherCsr })],
      [/valid from/, endorse({ ...right, days: 31 })],
      [/valid from/, endorse({ ...right, validFrom: new Date("2026-11-22T00:00:00Z") })],
      [/issue certificates/, endorse({ ...right, ca: true })],
      [/not a readable/, "no certificate"],
    ];
    let act = async (): Promise<void> => {
      await consortium.pass("transition_node_to_trusted", args);
    };
    for (const [message, certificate] of wrong) {
      const verdict = await judgeChanged(act, (writes) =>
        mergeWrites(
          writes,
          writeRow(TABLES.nodesEndorsedCertificates, nodeId, Buffer.from(certificate)),
        ),
      );
      assert.deepEqual(codes(verdict), ["CERTIFICATE_INVALID"], String(message));
      assert.match(verdict.complaints[0]?.message ?? "", message);
      act = async () => undefined;
    }
  });

  it("is a node that joined as trusted after the service was opened", async () => {
    const key = generateEcKeyPem("Secp256R1");
    const { builder } = consortium.ledger;
    const csr = createCsr({ keyPem: key, subject: "CN=Node" });
    const node = builder.createNode();
    const row = rows.nodesInfo.encode({ public_key: node.publicKeyPem, status: "Trusted" });
    const certificate = Buffer.from(node.certPem);
    const joined = mergeWrites(
      writeRow(TABLES.nodesInfo, node.nodeId, row),
      writeRow(TABLES.nodesEndorsedCertificates, node.nodeId, certificate),
    );
    const verdict = await judge(() => joined);
    assert.match(verdict.complaints[0]?.message ?? "", /without the members' decision/);
    const foreign = rows.nodesInfo.encode({
      public_key: node.publicKeyPem,
      certificate_signing_request: csr,
      status: "Pending",
    });
    const other = await judge(() => writeRow(TABLES.nodesInfo, node.nodeId, foreign));
    assert.match(other.complaints[0]?.message ?? "", /signing request is another node's/);
    const pending = rows.nodesInfo.encode({ public_key: node.publicKeyPem, status: "Pending" });
    assert.deepEqual(
      (await judge(() => writeRow(TABLES.nodesInfo, node.nodeId, pending))).complaints,
      [],
    );
  });

  it("is remarked on, where only the time it took can tell", async () => {
    const { proposalId } = await consortium.propose("set_user", { cert: user.cert });
    await consortium.vote(proposalId, 0, NO);
    await consortium.vote(proposalId, 1);
    const member = consortium.member(0).id;
    const verdict = await judgeChanged(
      () => consortium.vote(proposalId, 2),
      (writes) =>
        changeInfo(writes, proposalId, ({ final_votes: votes = {}, ...info }) => {
          const { [member]: _, ...others } = votes;
          return { ...info, final_votes: others, vote_failures: { [member]: { reason: SLOW } } };
        }),
    );
    assert.deepEqual(verdict.complaints, []);
    assert.match(verdict.remarks[0] ?? "", /were not too slow here/);
  });
});

function changeInfo(
  writes: WriteSet,
  proposalId: string,
  change: (info: rows.ProposalInfo) => rows.ProposalInfo,
): WriteSet {
  const key = keyFromText(proposalId);
  const info = rows.proposalsInfo.decode(writes.get(TABLES.proposalsInfo)!.get(key)!);
  return mergeWrites(
    writes,
    writeRow(TABLES.proposalsInfo, key, rows.proposalsInfo.encode(change(info))),
  );
}

function withoutTable(writes: WriteSet, table: string): WriteSet {
  return new Map([...writes].filter(([name]) => name !== table));
}
