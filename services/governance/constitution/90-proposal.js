// SPDX-License-Identifier: Apache-2.0

/* The three functions by which the service asks this constitution. */

/**
 * Whether a proposal could be carried out as it is written. Throws for nothing that a proposal can
 * contain: what is wrong with it is in the description.
 * @param {string} input text of the proposal
 * @returns {{ valid: boolean, description: string }}
 */
export function validate(input) {
  const faults = faultsOf(input);
  return { valid: faults.length === 0, description: faults.join(", ") };
}

/** @returns {string[]} */
function faultsOf(input) {
  let proposal;
  try {
    proposal = JSON.parse(input);
  } catch (error) {
    return [`the proposal is not JSON: ${error.message}`];
  }
  try {
    checkObject(proposal, "the proposal");
    checkArray(proposal.actions, "actions");
  } catch (error) {
    return [error.message];
  }
  return proposal.actions.flatMap((entry, position) => faultsOfAction(entry, position));
}

/** @returns {string[]} */
function faultsOfAction(entry, position) {
  try {
    checkObject(entry, "action");
    checkString(entry.name, "name");
  } catch (error) {
    return [`action at position ${position} failed validation: ${error.message}`];
  }
  const { name, args } = entry;
  const action = actions.get(name);
  if (action === undefined) return [`${name}: no such action`];
  try {
    action.validate(args);
    return [];
  } catch (error) {
    return [`${name} at position ${position} failed validation: ${error.message}`];
  }
}

/**
 * More than half of the active members decide. A proposal that too many of them are against is
 * rejected, and not left open for ever as CCF does. A ballot that fails to run says neither, and
 * that of somebody who is not an active member any more does not count.
 * @param {string} proposal
 * @param {string} proposerId
 * @param {readonly { member_id: string, vote: boolean }[]} votes
 * @returns {"Open" | "Accepted" | "Rejected"}
 */
export function resolve(proposal, proposerId, votes) {
  const active = activeMembers();
  const majorityAbove = Math.floor(active.size / 2);
  const counted = votes.filter(({ member_id }) => active.has(member_id));
  const inFavour = counted.filter(({ vote }) => vote === true).length;
  const against = counted.filter(({ vote }) => vote === false).length;
  if (inFavour > majorityAbove) return "Accepted";
  return against > 0 && active.size - against <= majorityAbove ? "Rejected" : "Open";
}

/**
 * Carries out the actions in their order. What one throws undoes them all.
 * @param {string} proposal
 * @param {string} proposalId
 */
export function apply(proposal, proposalId) {
  for (const [position, { name, args }] of JSON.parse(proposal).actions.entries()) {
    const action = actions.get(name);
    demand(action !== undefined, `${name}: no such action`);
    try {
      action.apply(args, proposalId);
    } catch (error) {
      // The same error, so that its type and trace stay those of the place it comes from.
      error.message = `${name} at position ${position} failed: ${error.message}`;
      throw error;
    }
  }
}
