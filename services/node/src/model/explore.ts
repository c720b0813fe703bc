// SPDX-License-Identifier: Apache-2.0
import { type Action, actionsOf } from "./actions.js";
import { checkState } from "./invariants.js";
import type { Scenario } from "./rules.js";
import { copyOf, initialState, keyOf, type State } from "./state.js";
import { tidy } from "./tidy.js";

export interface Finding {
  readonly violation: string;
  /** What happened, one line each: the shortest way there if it was searched breadth-first. */
  readonly steps: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** The longest way into the states. */
  readonly depth: number;
  /** Whether nothing within the bounds was left out. */
  readonly isComplete: boolean;
  readonly finding: Finding | undefined;
}

/** For each state, in the order they were found: from which state, and by which of its actions. */
interface Origins {
  readonly parents: number[];
  readonly actions: number[];
}

/** Looks at every state that can be reached, nearest first, until `statesMax` of them are known. */
export function explore(scenario: Scenario, statesMax: number): Exploration {
  const first = initialState(scenario);
  const known = new Set([hashOf(keyOf(first))]);
  const origins: Origins = { parents: [-1], actions: [-1] };
  let level: { state: State; at: number }[] = [{ state: first, at: 0 }];
  let transitions = 0;
  let depth = 0;
  const report = (isComplete: boolean, finding?: Finding): Exploration => {
    return { states: known.size, transitions, depth, isComplete, finding };
  };
  while (level.length > 0) {
    const next: { state: State; at: number }[] = [];
    for (const { state, at } of level) {
      const actions = actionsOf(state, scenario);
      for (const [index, action] of actions.entries()) {
        const reached = step(state, action, scenario);
        transitions += 1;
        if (reached.violation !== undefined) {
          const steps = [...retrace(scenario, origins, at), action.text()];
          return report(false, { violation: reached.violation, steps });
        }
        const hash = hashOf(keyOf(reached));
        if (known.has(hash)) continue;
        known.add(hash);
        next.push({ state: reached, at: origins.parents.length });
        origins.parents.push(at);
        origins.actions.push(index);
        if (known.size >= statesMax) return report(false);
      }
    }
    level = next;
    if (next.length > 0) depth += 1;
  }
  return report(true);
}

export interface WalkOptions {
  readonly seed: number;
  /** Transitions in all. */
  readonly steps: number;
  /** Transitions after which a walk begins anew. */
  readonly lengthMax: number;
}

/** Goes at random through states too many to see them all. The same seed goes the same way. */
export function walk(scenario: Scenario, { seed, steps, lengthMax }: WalkOptions): Exploration {
  const random = randomFrom(seed);
  const known = new Set<number>();
  let depth = 0;
  for (let done = 0; done < steps;) {
    let state = initialState(scenario);
    const texts: string[] = [];
    for (let length = 1; length <= lengthMax && done < steps; length += 1) {
      const action = choose(actionsOf(state, scenario), random);
      if (action === undefined) break;
      texts.push(action.text());
      state = step(state, action, scenario);
      done += 1;
      known.add(hashOf(keyOf(state)));
      depth = Math.max(depth, length);
      if (state.violation === undefined) continue;
      const finding = { violation: state.violation, steps: texts };
      return { states: known.size, transitions: done, depth, isComplete: false, finding };
    }
    if (texts.length === 0) break;
  }
  return { states: known.size, transitions: steps, depth, isComplete: false, finding: undefined };
}

function step(state: State, action: Action, scenario: Scenario): State {
  const next = copyOf(state);
  action.apply(next);
  checkState(next);
  tidy(next, scenario);
  return next;
}

/** The way to a state is kept as the numbers of its actions; their words are found by going it again. */
function retrace(scenario: Scenario, { parents, actions }: Origins, at: number): string[] {
  const numbers: number[] = [];
  for (let place = at; place > 0; place = parents[place] ?? 0) {
    numbers.unshift(actions[place] ?? -1);
  }
  let state = initialState(scenario);
  return numbers.map((number) => {
    const action = actionsOf(state, scenario)[number];
    if (action === undefined) throw new RangeError("the way to a state cannot be gone again");
    state = step(state, action, scenario);
    return action.text();
  });
}

/** What ends a term or a process; if it came as often as all else, no walk would get anywhere. */
const RARE = new Set(["step down", "crash", "expiry", "operator"]);
const RARE_SHARE = 0.1;

function choose(actions: readonly Action[], random: () => number): Action | undefined {
  const isRare = random() < RARE_SHARE;
  const share = actions.filter(({ kind }) => RARE.has(kind) === isRare);
  return chooseKind(share.length > 0 ? share : actions, random);
}

function chooseKind(actions: readonly Action[], random: () => number): Action | undefined {
  const kinds = [...new Set(actions.map(({ kind }) => kind))];
  const kind = kinds[Math.floor(random() * kinds.length)];
  const ofKind = actions.filter((action) => action.kind === kind);
  return ofKind[Math.floor(random() * ofKind.length)];
}

/** 53 bits: among a million states two are taken for one with a probability below 1 in 10 000. */
function hashOf(text: string): number {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 2654435761);
    high = Math.imul(high ^ code, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return 4294967296 * (2097151 & high) + (low >>> 0);
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
