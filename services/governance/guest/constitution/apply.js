// SPDX-License-Identifier: Apache-2.0

/** Everything that was proposed, in its order. If one action fails, nothing of it happens. */
export function apply(proposal, proposalId) {
  for (const { name, args } of JSON.parse(proposal).actions) {
    actions.get(name).apply(args ?? {}, proposalId);
  }
}
