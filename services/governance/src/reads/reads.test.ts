// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAppError } from "@consortium/kit";
import { governance } from "@consortium/proto";
import { KvState, rows, TABLES, type WriteSet } from "@consortium/ledger";
import { put } from "../testing/in-process-ledger.js";
import { getModule, javascriptAppJson, listModules } from "./javascript-app.js";
import { getMember, getStateDigest, listMembers } from "./members.js";
import { readPage } from "./page.js";
import { joinPolicyJson, jwkJson } from "./policies.js";
import { getBallot, getProposal, getProposalActions, listProposals } from "./proposals.js";
import { getConstitution, getServiceInfo } from "./service.js";
import { getUser, listUsers } from "./users.js";

const ONE = "\0".repeat(8);
const id = (digit: string): string => digit.repeat(64);
const ALL = { pageSize: 0, pageToken: "" };

function stateOf(fill: (writes: WriteSet) => void): KvState["committed"] {
  const writes: WriteSet = new Map();
  fill(writes);
  const state = new KvState();
  state.apply(1, writes);
  state.commit(1);
  return state.committed;
}

function isRefused(code: string): (error: unknown) => boolean {
  return (error) => isAppError(error, code);
}

describe("pages", () => {
  const kv = stateOf((writes) => {
    for (let index = 0; index < 250; index += 1) put(writes, "m", String(1000 + index), "x");
  });

  it("go through a map once, in the order of its keys", () => {
    for (const pageSize of [1, 7, 100, 250, 1000]) {
      const seen: string[] = [];
      let pageToken = "";
      do {
        const page = readPage(kv, "m", { pageSize, pageToken }, (key) => key);
        assert.ok(page.items.length <= pageSize);
        seen.push(...page.items);
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      assert.deepEqual(
        seen,
        [...kv.entries("m")].map(([key]) => key),
      );
    }
  });

  it("have 100 rows where nobody says how many", () => {
    assert.equal(readPage(kv, "m", ALL, (key) => key).items.length, 100);
  });

  it("are full although rows are left out", () => {
    const odd = readPage(kv, "m", { pageSize: 10, pageToken: "" }, (key) =>
      Number(key) % 2 === 1 ? key : undefined,
    );
    assert.equal(odd.items.length, 10);
    assert.equal(Buffer.from(odd.nextPageToken, "base64url").toString(), "1021");
  });

  it("are refused with a size or a token that nobody was given", () => {
    for (const page of [
      { pageSize: 1001, pageToken: "" },
      { pageSize: 1, pageToken: "a b" },
      { pageSize: 1, pageToken: "=" },
    ]) {
      assert.throws(() => readPage(kv, "m", page, (key) => key), isRefused("INVALID_PAGE"));
    }
  });
});

describe("reads", () => {
  const kv = stateOf((writes) => {
    put(writes, TABLES.constitution, ONE, rows.constitution.encode("export function validate"));
    const info = {
      cert: "PEM",
      status: "Open",
      recovery_count: 2,
      service_data: { b: 1, a: 2 },
      current_service_create_txid: "4.17",
    } as const;
    put(writes, TABLES.serviceInfo, ONE, rows.serviceInfo.encode(info));
    put(writes, TABLES.serviceConfig, ONE, rows.serviceConfig.encode({ recovery_threshold: 2 }));
    put(writes, TABLES.membersCerts, id("a"), "cert a");
    put(writes, TABLES.membersEncryptionPublicKeys, id("a"), "key a");
    put(writes, TABLES.membersInfo, id("a"), '{"status":"Active","member_data":{"z":1}}');
    put(writes, TABLES.membersInfo, id("b"), '{"status":"Accepted"}');
    put(writes, TABLES.membersInfo, id("c"), '{"status":"Active","recovery_role":"Owner"}');
    put(writes, TABLES.membersAcks, id("a"), '{"state_digest":"dd"}');
    put(writes, TABLES.usersCerts, id("1"), "cert 1");
    put(writes, TABLES.usersCerts, id("2"), "cert 2");
    put(writes, TABLES.usersInfo, id("2"), '{"user_data":{"isAdmin":true}}');
    put(writes, TABLES.proposals, id("d"), '{"actions":[]}');
    const proposal = {
      proposer_id: id("a"),
      state: "Accepted",
      ballots: { [id("c")]: "ballot c", [id("a")]: "ballot a" },
      final_votes: { [id("a")]: true },
      vote_failures: { [id("c")]: { reason: "Error: x", trace: "at vote" } },
    } as const;
    put(writes, TABLES.proposalsInfo, id("d"), rows.proposalsInfo.encode(proposal));
    const open = {
      proposer_id: id("a"),
      state: "Open",
      ballots: {},
      failure: { reason: "r" },
    } as const;
    put(writes, TABLES.proposalsInfo, id("e"), rows.proposalsInfo.encode(open));
    put(writes, TABLES.modules, "/a.js", "export const a = 1;");
    put(
      writes,
      TABLES.endpoints,
      "GET /app/a b",
      '{"js_module":"/a.js","js_function":"f","mode":"readonly","authn_policies":["no_auth"],"openapi":{}}',
    );
    put(writes, TABLES.endpoints, "PUT __proto__", '{"mode":"readwrite"}');
  });

  it("show the service", () => {
    assert.deepEqual(getServiceInfo(kv), {
      status: "Open",
      certificate: "PEM",
      recoveryCount: 2n,
      creationTransactionId: "4.17",
      serviceDataJson: '{"a":2,"b":1}',
      configuration: {
        recoveryThreshold: 2,
        maximumNodeCertificateValidityDays: 365,
        maximumServiceCertificateValidityDays: 365,
        recentCoseProposalsWindowSize: 100,
      },
    });
    assert.equal(getConstitution(kv), "export function validate");
  });

  it("say so when there is no service yet", () => {
    const empty = new KvState().committed;
    assert.throws(() => getServiceInfo(empty), isRefused("SERVICE_NOT_INITIALISED"));
    assert.throws(() => getConstitution(empty), isRefused("SERVICE_NOT_INITIALISED"));
    assert.equal(
      joinPolicyJson(empty),
      '{"sgx":{"measurements":[]},"snp":{"hostData":{},"measurements":[],"tcbVersions":{},"uvmEndorsements":{}},"virtual":{"hostData":[],"measurements":[]}}',
    );
    assert.equal(jwkJson(empty), '{"caCertBundles":{},"issuers":{},"keys":{}}');
    assert.equal(javascriptAppJson(empty, false), '{"endpoints":{}}');
  });

  it("show members with the role they have without one in their row", () => {
    const { items } = listMembers(kv, ALL);
    assert.deepEqual(
      items.map(({ memberId, status, recoveryRole }) => [memberId[0], status, recoveryRole]),
      [
        ["a", governance.MemberStatus.ACTIVE, governance.RecoveryRole.PARTICIPANT],
        ["b", governance.MemberStatus.ACCEPTED, governance.RecoveryRole.NON_PARTICIPANT],
        ["c", governance.MemberStatus.ACTIVE, governance.RecoveryRole.OWNER],
      ],
    );
    assert.deepEqual(getMember(kv, id("A")), {
      memberId: id("a"),
      status: governance.MemberStatus.ACTIVE,
      memberDataJson: '{"z":1}',
      certificate: "cert a",
      publicEncryptionKey: "key a",
      recoveryRole: governance.RecoveryRole.PARTICIPANT,
    });
    assert.deepEqual(getStateDigest(kv, id("a")), { memberId: id("a"), stateDigest: "dd" });
  });

  it("show users with and without data", () => {
    assert.deepEqual(
      listUsers(kv, ALL).items.map(({ userDataJson }) => userDataJson),
      ["null", '{"isAdmin":true}'],
    );
    assert.equal(getUser(kv, id("1")).certificate, "cert 1");
  });

  it("show proposals with their votes and failures", () => {
    assert.deepEqual(getProposal(kv, id("d")), {
      proposalId: id("d"),
      proposerId: id("a"),
      state: governance.ProposalState.ACCEPTED,
      ballotSubmitters: [id("a"), id("c")],
      finalVotes: { [id("a")]: true },
      voteFailures: { [id("c")]: { reason: "Error: x", trace: "at vote" } },
      failure: undefined,
    });
    assert.deepEqual(getProposal(kv, id("e")).failure, { reason: "r", trace: "" });
    const states = governance.ProposalState;
    assert.equal(listProposals(kv, ALL, states.UNSPECIFIED).items.length, 2);
    assert.deepEqual(
      listProposals(kv, ALL, states.OPEN).items.map(({ proposalId }) => proposalId),
      [id("e")],
    );
    assert.equal(Buffer.from(getProposalActions(kv, id("d"))).toString(), '{"actions":[]}');
    assert.equal(getBallot(kv, id("d"), id("c")), "ballot c");
  });

  it("show the application in both spellings", () => {
    const app = JSON.parse(javascriptAppJson(kv, false)) as { endpoints: Record<string, unknown> };
    assert.deepEqual(app.endpoints["/app/a b"], {
      GET: {
        jsModule: "/a.js",
        jsFunction: "f",
        mode: "readonly",
        authnPolicies: ["no_auth"],
        openApi: {},
      },
    });
    assert.ok(Object.hasOwn(app.endpoints, "__proto__"));
    assert.match(javascriptAppJson(kv, true), /"js_module":"\/a.js"/);
    assert.deepEqual(listModules(kv, ALL).items, ["/a.js"]);
    assert.equal(getModule(kv, "/a.js"), "export const a = 1;");
  });

  it("show policies and keys in the shape of CCF", () => {
    const policies = stateOf((writes) => {
      put(writes, TABLES.nodesVirtualMeasurements, "m v1", '"AllowedToJoin"');
      put(writes, TABLES.nodesVirtualHostData, "4a", ONE);
      put(writes, TABLES.nodesSnpHostData, "ff", '"policy"');
      put(writes, TABLES.nodesSnpUvmEndorsements, "did:x", '{"feed":{"svn":"1"}}');
      put(
        writes,
        TABLES.jwtIssuers,
        "https://i",
        '{"issuer":"https://i","auto_refresh":true,"ca_cert_bundle_name":"b"}',
      );
      put(
        writes,
        TABLES.jwtPublicSigningKeysMetadata,
        "kid",
        '[{"issuer":"https://i","public_key":"AA=="}]',
      );
      put(writes, TABLES.tlsCaCertBundles, "b", '"PEM"');
    });
    assert.deepEqual(JSON.parse(joinPolicyJson(policies)), {
      sgx: { measurements: [] },
      virtual: { measurements: ["m v1"], hostData: ["4a"] },
      snp: {
        measurements: [],
        hostData: { ff: "policy" },
        uvmEndorsements: { "did:x": { feed: { svn: "1" } } },
        tcbVersions: {},
      },
    });
    assert.deepEqual(JSON.parse(jwkJson(policies)), {
      issuers: { "https://i": { autoRefresh: true, caCertBundleName: "b" } },
      keys: { kid: [{ publicKey: "AA==", issuer: "https://i" }] },
      caCertBundles: { b: "PEM" },
    });
  });

  const missing: readonly (readonly [code: string, read: () => unknown])[] = [
    ["MEMBER_NOT_FOUND", () => getMember(kv, id("f"))],
    ["MEMBER_NOT_FOUND", () => getStateDigest(kv, id("b"))],
    ["USER_NOT_FOUND", () => getUser(kv, id("f"))],
    ["PROPOSAL_NOT_FOUND", () => getProposal(kv, id("f"))],
    ["PROPOSAL_NOT_FOUND", () => getProposalActions(kv, id("f"))],
    ["PROPOSAL_NOT_FOUND", () => getBallot(kv, id("f"), id("a"))],
    ["VOTE_NOT_FOUND", () => getBallot(kv, id("d"), id("b"))],
    ["MODULE_NOT_FOUND", () => getModule(kv, "/b.js")],
    ["INVALID_RESOURCE_NAME", () => getMember(kv, "deadbeef")],
    ["INVALID_RESOURCE_NAME", () => getUser(kv, "")],
    ["INVALID_RESOURCE_NAME", () => getProposal(kv, "../x")],
    ["INVALID_RESOURCE_NAME", () => getBallot(kv, id("d"), "constructor")],
  ];
  for (const [code, read] of missing) {
    it(`answer ${code} to ${String(read).slice(6)}`, () => {
      assert.throws(read, isRefused(code));
    });
  }
});
