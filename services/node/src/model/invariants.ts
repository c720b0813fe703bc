// SPDX-License-Identifier: Apache-2.0
import type { Scenario } from "./rules.js";
import {
  areCompatible,
  entryAt,
  type Process,
  type Request,
  sealersOf,
  sizeOf,
  type State,
  upTo,
} from "./state.js";

/** What must never happen. */
export const VIOLATION = {
  lost: "LOST: what was acknowledged is not on the ledger",
  twice: "TWICE: two contents are acknowledged at one seqno",
  quorum: "NO_MAJORITY: acknowledged without a majority of the sealers",
  falseAnswer: "FALSE_ANSWER: a node is counted that has verified something else",
  writers: "TWO_WRITERS: two processes have appended in one view",
  overtaken: "OVERTAKEN: a process has appended after another one took the lead",
  unverified: "UNVERIFIED: a process leads a ledger that is not the one it has verified",
  iv: "IV_REUSED: two contents are encrypted with one secret, seqno and view",
  rollback: "ROLLBACK_UNSEEN: a node goes on from less than it remembers",
  read: "STALE_READ: a primary with a valid lease misses what was acknowledged",
} as const;

export function violate(state: State, violation: string): void {
  state.violation ??= violation;
}

/** Invariant 2. After a rollback the views of the lost part are taken again; the IVs show the harm. */
export function checkAppended(state: State, { instance, view }: Request): void {
  if (state.rolledBack) return;
  const other = state.writers[view];
  if (other !== undefined && other !== instance) violate(state, VIOLATION.writers);
  if (state.leader !== `${instance}.${view}`) violate(state, VIOLATION.overtaken);
  state.writers[view] = instance;
}

/** Nobody extends what it does not know. */
export function checkLeads(state: State, process: Process): void {
  if (process.chain !== state.store.ledger) violate(state, VIOLATION.unverified);
}

/** The IV of an entry is its seqno and view, so no secret may see the same pair twice. */
export function checkSealed(state: State, process: Process, scenario: Scenario): void {
  const seqno = sizeOf(process.chain);
  const entry = entryAt(process.chain, seqno);
  // The creator of a ledger draws its first secret.
  const secret = scenario.rules.secretPerView ? entry.slice(0, 3) : process.chain.slice(0, 2);
  const use = `${secret}.${process.view}.${seqno}=`;
  if (state.sealed.some((each) => each.startsWith(use) && each !== use + entry)) {
    violate(state, VIOLATION.iv);
  }
  state.sealed.push(use + entry);
}

/** Whoever has looked at the store knows whether it has less than before. */
export function checkCaughtUp(state: State, process: Process): void {
  const hasLess = state.store.ledger.length < process.anchor.length;
  if (hasLess && !process.fault) violate(state, VIOLATION.rollback);
}

/** A follower says how far it is. */
export function checkAnswers(state: State, process: Process): void {
  if (!process.chain.startsWith(process.anchor)) violate(state, VIOLATION.rollback);
}

/** A primary tells clients that a seqno is committed. */
export function checkAcknowledged(state: State, process: Process, scenario: Scenario): void {
  const seqno = process.committed;
  const chain = upTo(process.chain, seqno);
  const sealers = sealersOf(upTo(chain, seqno - 1), scenario);
  let held = 0;
  for (const node of sealers) {
    const answer = process.answered[node];
    if (node === process.node) held += 1;
    else if (answer?.chain.startsWith(chain) === true) held += 1;
    else if (answer !== undefined && answer.count >= seqno) violate(state, VIOLATION.falseAnswer);
  }
  const needed = sealers.length === 0 ? 0 : Math.floor(sealers.length / 2) + 1;
  if (held < needed) violate(state, VIOLATION.quorum);
  if (!areCompatible(process.anchor, chain)) violate(state, VIOLATION.rollback);
  if (state.rolledBack) {
    if (areCompatible(state.acked, chain)) extend(state, chain);
    return;
  }
  if (!areCompatible(state.acked, chain)) violate(state, VIOLATION.twice);
  extend(state, chain);
  checkReads(state);
}

function extend(state: State, chain: string): void {
  if (chain.length > state.acked.length) state.acked = chain;
}

/** Of every state. */
export function checkState(state: State): void {
  if (state.rolledBack) return;
  if (!state.store.ledger.startsWith(state.acked)) violate(state, VIOLATION.lost);
  checkReads(state);
}

function checkReads(state: State): void {
  const acked = sizeOf(state.acked);
  for (const { up, leading, believes, committed, start } of state.processes) {
    const serves = up && leading && committed > start;
    if (serves && believes && committed < acked) violate(state, VIOLATION.read);
  }
}
