// SPDX-License-Identifier: Apache-2.0
import type { governance } from "@consortium/proto";
import { keyToText, type KvReader, rows, TABLES } from "@consortium/ledger";
import { activeMemberIds } from "../reads/members.js";
import { readPage } from "../reads/page.js";
import { toProposal } from "../reads/proposals.js";
import { actionNames } from "./action-names.js";

/** The proposals that members can still vote on, and who has not. */
export function listOpenProposals(
  kv: KvReader,
  request: governance.ListOpenProposalsRequest,
): governance.ListOpenProposalsResponse {
  const members = activeMemberIds(kv);
  const { items, nextPageToken } = readPage(kv, TABLES.proposalsInfo, request, (key, value) => {
    const info = rows.proposalsInfo.decode(value);
    if (info.state !== "Open") return undefined;
    const body = kv.get(TABLES.proposals, key);
    return {
      proposal: toProposal(keyToText(key), info),
      actions: namesOf(body?.value),
      missingMembers: members.filter((id) => !Object.hasOwn(info.ballots, id)),
      createdSeqno: BigInt(body?.version ?? 0),
    };
  });
  return { proposals: items, nextPageToken };
}

const names = new WeakMap<Uint8Array, string[]>();

/** Bodies are long and never change: each is read once for as long as it is in the state. */
function namesOf(body: Uint8Array | undefined): string[] {
  if (body === undefined) return [];
  let known = names.get(body);
  if (known === undefined) names.set(body, (known = actionNames(body)));
  return known;
}
