// SPDX-License-Identifier: Apache-2.0

/** Accepted by more than half of the active members. A member that is not active any more has no say. */
export function resolve(proposal, proposerId, votes) {
  const electorate = new Set(activeMembers().map((member) => member.id));
  const approvals = votes.filter(({ member_id, vote }) => vote && electorate.has(member_id));
  return approvals.length > Math.floor(electorate.size / 2) ? "Accepted" : "Open";
}
