// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  createClient,
  createSelfSigned,
  type GrpcServer,
  generateEcKeyPem,
  isAppError,
  startGrpcServer,
} from "@consortium/kit";
import { governance } from "@consortium/proto";
import { createGovernanceService, type GovernanceService } from "./rpc.js";
import { Consortium, YES } from "./testing/consortium.js";
import { createParty, NOW, signRequest } from "./testing/member.js";

const user = createParty("user0");

function connect(address: string, rootCertificate: string) {
  return createClient(governance.GovernanceServiceClient, { address, rootCertificate });
}

describe("the governance service", () => {
  let consortium: Consortium;
  let service: GovernanceService;
  let server: GrpcServer;
  let client: ReturnType<typeof connect>;

  before(async () => {
    consortium = await Consortium.start({ memberStatus: "Accepted", status: "Opening" });
    service = await createGovernanceService({
      ledger: consortium.ledger,
      now: () => NOW * 1000,
    });
    const key = generateEcKeyPem();
    const cert = createSelfSigned({
      keyPem: key,
      subject: "CN=node",
      days: 1,
      sans: ["iPAddress:127.0.0.1"],
    });
    server = await startGrpcServer({
      address: "127.0.0.1:0",
      credentials: { key, cert },
      services: [service],
    });
    client = connect(server.address, cert);
  });
  after(async () => {
    client.close();
    await server.close(0);
    await service[Symbol.asyncDispose]();
    await consortium[Symbol.asyncDispose]();
  });

  it("takes a consortium from its members to an open service with a user", async () => {
    for (const member of consortium.members) {
      const update = signRequest(member, "state_digest", undefined);
      const { stateDigest, memberId } = await client.updateStateDigest({ coseSign1: update });
      const ack = signRequest(member, "ack", { memberId, stateDigest });
      await client.acknowledgeStateDigest({ coseSign1: ack });
    }
    const actions = [
      { name: "set_user", args: { cert: user.cert } },
      {
        name: "transition_service_to_open",
        args: { next_service_identity: consortium.serviceCert },
      },
    ];
    const proposal = signRequest(consortium.member(0), "proposal", { actions });
    const created = await client.createProposal({ coseSign1: proposal });
    const proposalId = created.proposal?.proposalId ?? "";
    assert.equal(created.proposal?.state, governance.ProposalState.OPEN);
    for (const by of [0, 1]) {
      const ballot = signRequest(consortium.member(by), "ballot", { ballot: YES }, { proposalId });
      const { proposal: after, transactionId } = await client.submitBallot({ coseSign1: ballot });
      assert.match(transactionId, /^2\.\d+$/);
      const { ACCEPTED, OPEN } = governance.ProposalState;
      assert.equal(after?.state, by === 1 ? ACCEPTED : OPEN);
    }
    assert.equal((await client.getServiceInfo({})).status, "Open");
    const { users } = await client.listUsers({ pageSize: 10, pageToken: "" });
    assert.deepEqual(
      users.map(({ userId }) => userId),
      [user.id],
    );
    assert.equal(
      (await client.getBallot({ proposalId, memberId: consortium.member(0).id })).ballot,
      YES,
    );
    assert.equal(
      (await client.listProposals({ pageSize: 0, pageToken: "", state: 2 })).proposals.length,
      1,
    );
  });

  it("previews for anybody", async () => {
    const value = Buffer.from(
      JSON.stringify({ actions: [{ name: "remove_user", args: { user_id: user.id } }] }),
    );
    const preview = await client.previewProposal({
      subject: { $case: "body", value },
      memberId: "",
    });
    assert.deepEqual(
      preview.changes.map(({ map, newValue }) => [map, newValue]),
      [["public:ccf.gov.users.certs", undefined]],
    );
  });

  it("answers what is wrong with its code", async () => {
    const junk = { coseSign1: Buffer.from("junk") };
    const calls: readonly (readonly [code: string, call: () => Promise<unknown>])[] = [
      ["INVALID_COSE", () => client.createProposal(junk)],
      ["INVALID_COSE", () => client.submitBallot(junk)],
      ["INVALID_COSE", () => client.withdrawProposal(junk)],
      ["INVALID_COSE", () => client.updateStateDigest(junk)],
      ["INVALID_COSE", () => client.acknowledgeStateDigest(junk)],
      ["INVALID_RESOURCE_NAME", () => client.getProposal({ proposalId: "x" })],
      ["MEMBER_NOT_FOUND", () => client.getMember({ memberId: "0".repeat(64) })],
      ["INVALID_PAGE", () => client.listMembers({ pageSize: 5000, pageToken: "" })],
      [
        "INVALID_AUTHENTICATION",
        () => client.createProposal({ coseSign1: signRequest(user, "proposal", {}) }),
      ],
    ];
    for (const [code, call] of calls)
      await assert.rejects(call(), (error) => isAppError(error, code));
  });
});
