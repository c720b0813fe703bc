// SPDX-License-Identifier: Apache-2.0
import type { Scenario } from "./rules.js";

/**
 * A ledger: its entries one after the other, each five characters long: the process (letter and
 * number of its start), which of its terms, the view, and the kind: `g` genesis, `s` signature, `w`
 * write, a capital letter for a node that is added, a small one for a node that is removed. Nobody
 * writes the same entry twice, so equal chains are equal roots.
 */
export type Chain = string;
const ENTRY_LENGTH = 5;
export const GENESIS: Chain = "A002g";

export interface Store {
  view: number;
  /** The instance that holds the lease, or none. */
  holder: string;
  /** Whether the lease still runs, by the database's clock. */
  leased: boolean;
  ledger: Chain;
}

/** An append on its way to the database; it may get there late, and more than once. */
export interface Request {
  readonly instance: string;
  readonly view: number;
  /** Up to the entry that is appended. */
  readonly chain: Chain;
}

/** What one primary has sent: any part of it may arrive, in any order, any number of times. */
export interface Sent {
  readonly node: string;
  readonly term: string;
  readonly view: number;
  readonly start: number;
  chain: Chain;
}

/** A follower's answer; it stands for everything the follower had verified. */
export interface Answer {
  readonly from: string;
  readonly to: string;
  readonly view: number;
  readonly chain: Chain;
}

export interface Process {
  readonly slot: string;
  readonly node: string;
  starts: number;
  up: boolean;
  fault: boolean;
  leading: boolean;
  caughtUp: boolean;
  /** Verified, or while it leads: sealed. */
  chain: Chain;
  /** What it remembers of the ledger, and what of it is in its checkpoint file. */
  anchor: Chain;
  file: Chain;
  viewSeen: number;
  viewLed: number;
  terms: number;
  /** The rest only counts while it leads. */
  view: number;
  start: number;
  stored: number;
  committed: number;
  /** By node: what was counted, `count`, and what had been verified in truth, `chain`. */
  answered: Record<string, { readonly count: number; readonly chain: Chain }>;
  /** Whether it may serve reads, by its own clock. */
  believes: boolean;
}

export interface State {
  store: Store;
  copy: Store | undefined;
  rolledBack: boolean;
  requests: Request[];
  sent: Sent[];
  answers: Answer[];
  processes: Process[];
  crashes: number;
  lostAnswers: number;
  /** What the invariants remember. */
  acked: Chain;
  sealed: string[];
  writers: Record<string, string>;
  /** The instance and view that took the lead last. */
  leader: string;
  violation: string | undefined;
}

export function sizeOf(chain: Chain): number {
  return chain.length / ENTRY_LENGTH;
}

export function upTo(chain: Chain, seqno: number): Chain {
  return chain.slice(0, seqno * ENTRY_LENGTH);
}

export function entryAt(chain: Chain, seqno: number): string {
  return chain.slice((seqno - 1) * ENTRY_LENGTH, seqno * ENTRY_LENGTH);
}

export function areCompatible(one: Chain, other: Chain): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

export function instanceOf({ slot, starts }: Process): string {
  return `${slot}${starts}`;
}

export function makeEntry(process: Process, kind: string): string {
  return `${instanceOf(process)}${process.terms.toString(36)}${process.view.toString(36)}${kind}`;
}

/** The sealers as a ledger has them. */
export function sealersOf(chain: Chain, scenario: Scenario): string[] {
  if (chain === "") return [];
  const founders = scenario.founders;
  const creator = scenario.processes[chain.charCodeAt(0) - 65] ?? "";
  let sealers = founders.length > 0 ? [...founders] : [creator];
  for (let at = 2 * ENTRY_LENGTH - 1; at < chain.length; at += ENTRY_LENGTH) {
    const kind = chain.charAt(at);
    if (kind === "s" || kind === "w") continue;
    const node = kind.toUpperCase();
    sealers = sealers.filter((each) => each !== node);
    if (kind === node) sealers.push(node);
  }
  return sealers;
}

export function initialState(scenario: Scenario): State {
  const ledger = scenario.founders.length > 0 ? GENESIS : "";
  return {
    store: { view: ledger === "" ? 1 : 2, holder: "", leased: false, ledger },
    copy: undefined,
    rolledBack: false,
    requests: [],
    sent: [],
    answers: [],
    processes: scenario.processes.map((node, index) => newProcess(index, node, ledger)),
    crashes: 0,
    lostAnswers: 0,
    acked: ledger,
    sealed: [],
    writers: {},
    leader: "",
    violation: undefined,
  };
}

function newProcess(index: number, node: string, chain: Chain): Process {
  return {
    slot: String.fromCharCode(65 + index),
    node,
    starts: 0,
    up: true,
    fault: false,
    caughtUp: chain !== "",
    chain,
    anchor: chain,
    file: chain,
    viewSeen: 0,
    viewLed: 0,
    terms: 0,
    ...NOT_LEADING,
    answered: {},
  };
}

export const NOT_LEADING = {
  leading: false,
  view: 0,
  start: 0,
  stored: 0,
  committed: 0,
  believes: false,
} as const;

/** A copy of its own; what is in its lists is shared, and replaced instead of changed. */
export function copyOf(state: State): State {
  return {
    ...state,
    store: { ...state.store },
    requests: [...state.requests],
    sent: [...state.sent],
    answers: [...state.answers],
    processes: [...state.processes],
    sealed: [...state.sealed],
    writers: { ...state.writers },
  };
}

/** A process of this state that can be changed. */
export function change(state: State, index: number): Process {
  const process = state.processes[index];
  if (process === undefined) throw new RangeError(`there is no process ${index}`);
  const copy = { ...process, answered: { ...process.answered } };
  state.processes[index] = copy;
  return copy;
}

/** Equal for two states from which the same things can happen. */
export function keyOf(state: State): string {
  const { store, copy, processes } = state;
  const parts = [
    storeKey(store),
    copy === undefined ? "" : storeKey(copy),
    `${state.rolledBack}${state.crashes},${state.lostAnswers}`,
    state.requests
      .map(({ instance, view, chain }) => `${instance}${view}${chain}`)
      .sort()
      .join(),
    state.sent
      .map(({ term, chain }) => `${term}${chain}`)
      .sort()
      .join(),
    state.answers
      .map(({ from, to, view, chain }) => `${from}${to}${view}${chain}`)
      .sort()
      .join(),
    `${state.acked},${state.leader}`,
    state.sealed.sort().join(),
    ...processes.map(processKey),
  ];
  return parts.join("/");
}

function storeKey({ view, holder, leased, ledger }: Store): string {
  return `${view}${holder}${leased ? "+" : "-"}${ledger}`;
}

/** Most steps change one process, so the keys of the others are known. */
const processKeys = new WeakMap<Process, string>();

function processKey(process: Process): string {
  const known = processKeys.get(process);
  if (known !== undefined) return known;
  const { starts, up, fault, leading, caughtUp, believes } = process;
  const { chain, anchor, file, viewSeen, viewLed, terms, view, start, stored, committed } = process;
  const flags = [up, fault, leading, caughtUp, believes].map(Number).join("");
  const answered = Object.entries(process.answered)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([node, { count, chain: held }]) => `${node}${count}${held}`);
  const numbers = `${starts},${viewSeen},${viewLed},${terms},${view},${start},${stored},${committed}`;
  const key = `${flags}:${numbers}:${chain}:${anchor}:${file}:${answered.join()}`;
  processKeys.set(process, key);
  return key;
}
