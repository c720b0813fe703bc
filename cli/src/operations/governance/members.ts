// SPDX-License-Identifier: Apache-2.0
import type { GovernanceClient } from "../../connect/clients.js";
import { readAllPages } from "../../connect/pages.js";
import { type MemberView, type UserView, viewMember, viewUser } from "../../views/governance.js";
import type { MemberSigner } from "../signing/member-signer.js";
import { completeId } from "./ids.js";
import { missing } from "./proposals.js";

const PAGE_SIZE = 500;

export async function listMembers(client: GovernanceClient): Promise<MemberView[]> {
  const members = await readAllPages(
    (pageToken) => client.listMembers({ pageSize: PAGE_SIZE, pageToken }),
    (page) => page.members,
  );
  return members.map((member) => viewMember(member));
}

export async function getMember(client: GovernanceClient, id: string): Promise<MemberView> {
  const memberId = await completeId(id, "member", async () =>
    (await listMembers(client)).map((member) => member.memberId),
  );
  const { member } = await client.getMember({ memberId });
  return viewMember(member ?? missing("member"));
}

export async function listUsers(client: GovernanceClient): Promise<UserView[]> {
  const users = await readAllPages(
    (pageToken) => client.listUsers({ pageSize: PAGE_SIZE, pageToken }),
    (page) => page.users,
  );
  return users.map((user) => viewUser(user));
}

export async function getUser(client: GovernanceClient, id: string): Promise<UserView> {
  const userId = await completeId(id, "user", async () =>
    (await listUsers(client)).map((user) => user.userId),
  );
  const { user } = await client.getUser({ userId });
  return viewUser(user ?? missing("user"));
}

export interface AckResult {
  memberId: string;
  stateDigest: string;
  transactionId: string;
}

/**
 * Updates the member's digest to the state the service has now, and acknowledges it: the member
 * says with its signature that it has joined this service in this state.
 */
export async function acknowledge(
  client: GovernanceClient,
  signer: MemberSigner,
): Promise<AckResult> {
  const update = await signer.sign({ type: "state_digest", payload: new Uint8Array() });
  const { memberId, stateDigest } = await client.updateStateDigest({ coseSign1: update });
  const payload = Buffer.from(JSON.stringify({ memberId, stateDigest }));
  const ack = await signer.sign({ type: "ack", payload });
  const { transactionId } = await client.acknowledgeStateDigest({ coseSign1: ack });
  return { memberId, stateDigest, transactionId };
}
