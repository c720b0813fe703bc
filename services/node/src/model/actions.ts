// SPDX-License-Identifier: Apache-2.0
import type { Scenario } from "./rules.js";
import {
  type Answer,
  change,
  instanceOf,
  type Process,
  type Request,
  sealersOf,
  type Sent,
  sizeOf,
  type State,
  upTo,
} from "./state.js";
import * as processes from "./process.js";

/** Something that can happen in a state. */
export interface Action {
  /** A random walk first chooses a kind, so that the rare ones get their share. */
  readonly kind: string;
  readonly text: () => string;
  readonly apply: (state: State) => void;
}

/** At most this many appends are under way: `APPENDS_IN_FLIGHT_MAX`. */
const APPENDS_IN_FLIGHT_MAX = 2;

/** Everything that can happen, always in the same order. */
export function actionsOf(state: State, scenario: Scenario): Action[] {
  const actions: Action[] = [];
  state.processes.forEach((process, index) => {
    if (!process.up) actions.push(restart(index, process));
    else if (!process.fault) addLife(actions, { state, scenario, process, index });
    if (process.up && state.crashes < scenario.crashes) addCrash(actions, index, process);
  });
  addDatabase(actions, state, scenario);
  if (scenario.rollback) addOperator(actions, state);
  return actions;
}

interface Place {
  readonly state: State;
  readonly scenario: Scenario;
  readonly process: Process;
  readonly index: number;
}

function addLife(actions: Action[], place: Place): void {
  if (place.process.leading) addLeading(actions, place);
  else addFollowing(actions, place);
}

function addFollowing(actions: Action[], place: Place): void {
  const { state, scenario, process, index } = place;
  const { rules } = scenario;
  const { ledger } = state.store;
  const name = instanceOf(process);
  if (ledger !== "" && (!process.caughtUp || process.chain !== ledger)) {
    actions.push({
      kind: "catch up",
      text: () => `${name} catches up from the store`,
      apply: (next) => processes.catchUp(next, change(next, index), rules),
    });
  }
  if (mayAcquire(place)) addAcquire(actions, place);
  if (rules.anchorBeforeMessages && !process.caughtUp) return;
  for (const sent of state.sent) addReceive(actions, place, sent);
}

function mayAcquire({ state, scenario, process }: Place): boolean {
  const { ledger, view } = state.store;
  if (view >= scenario.viewMax) return false;
  if (process.chain === "") return ledger === "" && process.anchor === "" && process.starts === 0;
  return process.caughtUp && sealersOf(process.chain, scenario).includes(process.node);
}

function addAcquire(actions: Action[], { state, scenario, process, index }: Place): void {
  const name = instanceOf(process);
  actions.push({
    kind: "lease",
    text: () => `${name} asks for the lease, having verified up to ${sizeOf(process.chain)}`,
    apply: (next) => processes.takeLease(next, change(next, index), { scenario, isLost: false }),
  });
  if (state.lostAnswers >= scenario.lostAnswers) return;
  actions.push({
    kind: "lease",
    text: () => `${name} asks for the lease, and never hears the answer`,
    apply: (next) => {
      next.lostAnswers += 1;
      processes.takeLease(next, change(next, index), { scenario, isLost: true });
    },
  });
}

function addReceive(actions: Action[], { scenario, process, index }: Place, sent: Sent): void {
  if (sent.node === process.node || sent.view < process.viewSeen) return;
  const { rules } = scenario;
  for (let seqno = sent.start + 1; seqno <= sizeOf(sent.chain); seqno += 1) {
    for (const withEntries of [true, false]) {
      // Entries that do not follow are treated like none.
      if (withEntries && seqno !== sizeOf(process.chain) + 1) continue;
      const what = withEntries ? "the entry" : "the position";
      actions.push({
        kind: "receive",
        text: () => `${instanceOf(process)} receives ${what} ${seqno} of ${sent.term}`,
        apply: (next) =>
          processes.receive(next, change(next, index), { sent, seqno, withEntries, rules }),
      });
    }
  }
}

function addLeading(actions: Action[], place: Place): void {
  const { state, scenario, process, index } = place;
  const name = instanceOf(process);
  for (const kind of kindsToSeal(place)) {
    actions.push({
      kind: "seal",
      text: () => `${name} seals ${kind} at ${process.view}.${sizeOf(process.chain) + 1}`,
      apply: (next) => processes.seal(next, change(next, index), kind, scenario),
    });
  }
  if (sizeOf(process.chain) > process.stored) {
    actions.push({
      kind: "look up",
      text: () => `${name} looks up its append of ${process.stored + 1}`,
      apply: (next) => processes.lookUp(next, change(next, index), scenario),
    });
  }
  for (const answer of state.answers) addCount(actions, place, answer);
  // While all is well a renewal changes nothing.
  if (!process.believes || !isHolder(place)) {
    actions.push({
      kind: "renew",
      text: () => `${name} renews its lease`,
      apply: (next) => processes.keepLease(next, change(next, index)),
    });
  }
  for (const releases of [true, false]) {
    actions.push({
      kind: "step down",
      text: () => `${name} steps down${releases ? " and releases its lease" : ""}`,
      apply: (next) => processes.stepDown(next, change(next, index), releases),
    });
  }
}

function isHolder({ state: { store }, process }: Place): boolean {
  return store.leased && store.holder === instanceOf(process) && store.view === process.view;
}

/** A view begins with a signature; nothing else is taken before that is committed. */
function kindsToSeal({ scenario, process }: Place): string[] {
  const size = sizeOf(process.chain);
  const { stored, start, committed } = process;
  if (size >= scenario.seqnoMax || size - stored >= APPENDS_IN_FLIGHT_MAX) return [];
  if (size === 0) return ["g"];
  if (size === start) return ["s"];
  if (committed === start) return [];
  const due = Array.from(scenario.changes).find((kind) => isDue(process, kind, scenario));
  return due === undefined ? ["w"] : ["w", due];
}

/** Whether a change of membership would change anything. */
function isDue({ chain }: Process, kind: string, scenario: Scenario): boolean {
  const node = kind.toUpperCase();
  return sealersOf(chain, scenario).includes(node) !== (kind === node);
}

function addCount(actions: Action[], place: Place, answer: Answer): void {
  const { scenario, process, index } = place;
  const { from, chain } = answer;
  if (answer.to !== process.node || answer.view !== process.view) return;
  const members = sealersOf(upTo(process.chain, process.committed), scenario);
  if (!members.includes(from)) return;
  const verified = sizeOf(chain);
  if (verified > process.stored || verified <= (process.answered[from]?.count ?? 0)) return;
  actions.push({
    kind: "count",
    text: () => `${instanceOf(process)} counts that ${from} has verified ${verified}`,
    apply: (next) => processes.count(next, change(next, index), answer, scenario),
  });
}

function addCrash(actions: Action[], index: number, process: Process): void {
  for (const keeps of [true, false]) {
    if (keeps && process.anchor === process.file) continue;
    actions.push({
      kind: "crash",
      text: () => `${instanceOf(process)} crashes${keeps ? "; its checkpoint is written" : ""}`,
      apply: (next) => {
        next.crashes += 1;
        processes.crash(change(next, index), keeps);
      },
    });
  }
}

function restart(index: number, process: Process): Action {
  return {
    kind: "restart",
    text: () => `${process.slot} starts again`,
    apply: (next) => processes.restart(change(next, index)),
  };
}

function addDatabase(actions: Action[], state: State, scenario: Scenario): void {
  for (const request of state.requests) addExecute(actions, { state, scenario, request });
  if (!state.store.leased || !scenario.expiry) return;
  actions.push({
    kind: "expiry",
    text: () => `the lease of ${state.store.holder} runs out`,
    apply: (next) => {
      next.store.leased = false;
      // By its own clock a process's lease ends no later; that it goes on nevertheless is checked too.
      for (const [index, each] of next.processes.entries()) {
        if (instanceOf(each) === next.store.holder) change(next, index).believes = false;
      }
    },
  });
}

function addExecute(
  actions: Action[],
  place: { state: State; scenario: Scenario; request: Request },
): void {
  const { state, scenario, request } = place;
  const what = `the append of ${sizeOf(request.chain)} by ${request.instance}`;
  actions.push({
    kind: "append",
    text: () => `the database gets to ${what}`,
    apply: (next) => processes.execute(next, request, { scenario, isLost: false }),
  });
  if (state.lostAnswers >= scenario.lostAnswers) return;
  actions.push({
    kind: "append",
    text: () => `the database gets to ${what}, its answer is lost`,
    apply: (next) => {
      next.lostAnswers += 1;
      processes.execute(next, request, { scenario, isLost: true });
    },
  });
}

function addOperator(actions: Action[], state: State): void {
  if (state.rolledBack) return;
  const { copy } = state;
  if (copy === undefined) {
    actions.push({
      kind: "operator",
      text: () => `the operator copies the database at ${sizeOf(state.store.ledger)}`,
      apply: (next) => (next.copy = { ...next.store }),
    });
  } else if (copy.ledger !== state.store.ledger || copy.view !== state.store.view) {
    actions.push({
      kind: "operator",
      text: () => `the operator restores the copy of ${sizeOf(copy.ledger)}`,
      apply: (next) => {
        next.store = { ...copy, leased: false };
        next.copy = undefined;
        next.rolledBack = true;
      },
    });
  }
}
