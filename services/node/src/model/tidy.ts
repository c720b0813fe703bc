// SPDX-License-Identifier: Apache-2.0
import type { Scenario } from "./rules.js";
import { instanceOf, type State } from "./state.js";

/**
 * Takes out of a state what cannot matter any more, so that more states are one: answers to a primary
 * that has ended, and appends that the database will refuse for ever.
 */
export function tidy(state: State, { rules, rollback }: Scenario): void {
  const { store, processes } = state;
  const led = new Set(
    processes.filter(({ up, leading }) => up && leading).map(({ node, view }) => `${node}${view}`),
  );
  state.answers = state.answers.filter(({ to, view }) => led.has(`${to}${view}`));
  if (!rollback && rules.appendNeedsView && rules.acquireRaisesView && rules.appendNeedsInstance) {
    state.requests = state.requests.filter(
      ({ view, instance }) =>
        view > store.view || (view === store.view && instance === store.holder),
    );
  }
  if (rules.secretPerView) forgetSealed(state);
}

/** With a secret for each term, only a process that still leads can use an IV again. */
function forgetSealed(state: State): void {
  const terms = new Set(
    state.processes
      .filter(({ up, leading }) => up && leading)
      .map((process) => `${instanceOf(process)}${process.terms.toString(36)}`),
  );
  state.sealed = state.sealed.filter((each) => terms.has(each.slice(0, 3)));
}
