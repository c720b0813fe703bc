// SPDX-License-Identifier: Apache-2.0
import type { Rules, Scenario } from "./rules.js";
import {
  type Answer,
  type Chain,
  change,
  entryAt,
  instanceOf,
  makeEntry,
  NOT_LEADING,
  type Process,
  type Request,
  sealersOf,
  type Sent,
  sizeOf,
  type State,
  upTo,
} from "./state.js";
import {
  checkAcknowledged,
  checkAnswers,
  checkCaughtUp,
  checkLeads,
  checkSealed,
} from "./invariants.js";
import { acquire, append, findAppended, release, renew } from "./store.js";

/** `LedgerFollower.catchUp`, and what `GroupMember` holds against it the first time. */
export function catchUp(state: State, process: Process, rules: Rules): void {
  readStore(state, process, rules);
  const isBehind = rules.anchorIsChecked && process.chain.length < process.anchor.length;
  if (isBehind && !process.caughtUp) process.fault = true;
  process.caughtUp = !process.fault;
  checkCaughtUp(state, process);
}

/** `LedgerFollower.#readStore`. */
function readStore({ store }: State, process: Process, rules: Rules): void {
  const { ledger } = store;
  if (ledger.length < process.chain.length) {
    if (rules.followerRefusesShorterStore) process.fault = true;
    return;
  }
  if (ledger.length > process.chain.length) feed(process, ledger, rules);
}

/** `Replica.feed`: every chunk's signature is over everything before it. */
function feed(process: Process, chain: Chain, rules: Rules): void {
  const { anchor } = process;
  const isOther =
    (rules.followerVerifiesEntries && !chain.startsWith(process.chain)) ||
    (rules.anchorIsChecked && chain.length >= anchor.length && !chain.startsWith(anchor));
  if (isOther) {
    process.fault = true;
    return;
  }
  process.chain = chain;
  note(process, chain);
}

/** `Anchor.note`. */
function note(process: Process, chain: Chain): void {
  if (chain.length > process.anchor.length) process.anchor = chain;
}

/** `LedgerFollower.receive` and `#take`: a chunk, or only its position. */
export function receive(
  state: State,
  process: Process,
  message: { sent: Sent; seqno: number; withEntries: boolean; rules: Rules },
): void {
  const { sent, seqno, withEntries, rules } = message;
  process.viewSeen = sent.view;
  const expected = sizeOf(process.chain) + 1;
  if (withEntries && seqno === expected) feed(process, upTo(sent.chain, seqno), rules);
  else if (seqno >= expected) readStore(state, process, rules);
  if (process.fault) return;
  checkAnswers(state, process);
  const answer = { from: process.node, to: sent.node, view: sent.view, chain: process.chain };
  if (!state.answers.some((each) => isSameAnswer(each, answer))) state.answers.push(answer);
}

function isSameAnswer(one: Answer, other: Answer): boolean {
  return (
    one.from === other.from &&
    one.to === other.to &&
    one.view === other.view &&
    one.chain === other.chain
  );
}

/** `GroupMember.#untilLease`: the end of it. */
export function takeLease(
  state: State,
  process: Process,
  { scenario, isLost }: { scenario: Scenario; isLost: boolean },
): void {
  const { rules } = scenario;
  const instance = instanceOf(process);
  const view = acquire(state, { instance, verified: process.chain, rules });
  if (view === undefined || isLost) return;
  const isKnown = view <= process.viewLed || view <= lastView(process.chain);
  const isOther = process.chain !== state.store.ledger;
  if ((rules.knownViewIsRefused && isKnown) || (rules.tailIsCompared && isOther)) {
    process.fault = true;
    return;
  }
  checkLeads(state, process);
  const start = sizeOf(process.chain);
  process.terms += 1;
  Object.assign(process, {
    leading: true,
    view,
    viewLed: view,
    start,
    stored: start,
    committed: start,
    answered: {},
    believes: true,
  });
}

function lastView(chain: Chain): number {
  return chain === "" ? 0 : Number.parseInt(entryAt(chain, sizeOf(chain)).charAt(3), 36);
}

/** `Primary.#seal`, and the append is on its way. */
export function seal(state: State, process: Process, kind: string, scenario: Scenario): void {
  process.chain += makeEntry(process, kind);
  checkSealed(state, process, scenario);
  request(state, process, process.chain);
  if (!scenario.rules.acknowledgesAfterDurable) stored(state, process, scenario);
}

function request(state: State, process: Process, chain: Chain): void {
  const instance = instanceOf(process);
  const isThere = state.requests.some((each) => each.instance === instance && each.chain === chain);
  if (!isThere) state.requests.push({ instance, view: process.view, chain });
}

/** The database gets to an append. Without its answer it may get to it again. */
export function execute(
  state: State,
  sent: Request,
  { scenario, isLost }: { scenario: Scenario; isLost: boolean },
): void {
  const outcome = append(state, sent, scenario.rules);
  if (isLost && outcome === "appended") return;
  state.requests = state.requests.filter((each) => each !== sent);
  if (outcome === "unmoved") return;
  const index = state.processes.findIndex((each) => instanceOf(each) === sent.instance);
  if (index < 0) return;
  const process = change(state, index);
  if (!awaits(process, sent)) return;
  process.believes = true;
  stored(state, process, scenario);
}

function awaits(process: Process, { view, chain }: Request): boolean {
  return (
    process.up &&
    process.leading &&
    process.view === view &&
    process.stored === sizeOf(chain) - 1 &&
    process.chain.startsWith(chain)
  );
}

/** `Writer.#findOutcome` for the oldest append without an answer. */
export function lookUp(state: State, process: Process, scenario: Scenario): void {
  const chain = upTo(process.chain, process.stored + 1);
  const wanted = { instance: instanceOf(process), view: process.view, chain };
  const found = findAppended(state, wanted, scenario.rules);
  if (found === "appended") stored(state, process, scenario);
  else if (found === "possible") request(state, process, chain);
  else stepDown(state, process, false);
}

/** `Primary.#store` after the answer, and `Replication.stored`. */
function stored(state: State, process: Process, scenario: Scenario): void {
  process.stored += 1;
  const chain = upTo(process.chain, process.stored);
  const { node, view, start } = process;
  const term = `${instanceOf(process)}${process.terms}`;
  state.sent = state.sent.filter((each) => each.term !== term);
  state.sent.push({ node, term, view, start, chain });
  advance(state, process, scenario);
}

/** `Replication.receive`. */
export function count(state: State, process: Process, answer: Answer, scenario: Scenario): void {
  const { from, chain } = answer;
  const verified = sizeOf(chain);
  if (verified <= (process.answered[from]?.count ?? 0) || verified > process.stored) return;
  if (scenario.rules.answerNamesRoot && !process.chain.startsWith(chain)) return;
  process.answered[from] = { count: verified, chain };
  advance(state, process, scenario);
}

/** `Primary.#advance`. */
function advance(state: State, process: Process, scenario: Scenario): void {
  const { rules } = scenario;
  let majority = majoritySeqno(process, scenario);
  while (process.committed < process.stored && process.committed < majority) {
    process.committed += 1;
    checkAcknowledged(state, process, scenario);
    note(process, upTo(process.chain, process.committed));
    if (rules.majorityIsReadPerChunk) majority = majoritySeqno(process, scenario);
  }
}

/** `Replication.majoritySeqno`. */
function majoritySeqno(process: Process, scenario: Scenario): number {
  const { rules } = scenario;
  const { node, stored: storedSeqno, committed, chain, answered } = process;
  const seqnos = sealersOf(upTo(chain, committed), scenario)
    .map((id) => (id === node ? storedSeqno : (answered[id]?.count ?? 0)))
    .sort((a, b) => b - a);
  if (seqnos.length === 0 || !rules.acknowledgesAfterMajority) return storedSeqno;
  const half = Math.floor(seqnos.length / 2);
  return seqnos[rules.majorityIsMoreThanHalf ? half : Math.max(0, half - 1)] ?? 0;
}

/** `Lease.keep`. */
export function keepLease(state: State, process: Process): void {
  if (renew(state, instanceOf(process), process.view)) process.believes = true;
  else stepDown(state, process, false);
}

/** `Leading.abandon`, and a follower that begins from nothing but the anchor. */
export function stepDown(state: State, process: Process, releases: boolean): void {
  if (releases) release(state, instanceOf(process), process.view);
  // Whoever could not even create the ledger ends.
  if (process.start === 0 && process.committed === 0) process.fault = true;
  forget(process);
}

export function crash(process: Process, keepsCheckpoint: boolean): void {
  if (keepsCheckpoint) process.file = process.anchor;
  forget(process);
  Object.assign(process, { up: false, fault: false, anchor: process.file, viewLed: 0, terms: 0 });
}

export function restart(process: Process): void {
  process.up = true;
  process.starts += 1;
}

function forget(process: Process): void {
  Object.assign(process, {
    ...NOT_LEADING,
    caughtUp: false,
    chain: "",
    viewSeen: 0,
    answered: {},
  });
}
