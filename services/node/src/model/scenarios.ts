// SPDX-License-Identifier: Apache-2.0
import { ALL_RULES, BASE, CODE_RULES, type Rules, type Scenario } from "./rules.js";
import { VIOLATION } from "./invariants.js";

const THREE = { processes: ["A", "B", "C"], founders: ["A", "B", "C"] };
const GROWING = { processes: ["A", "B"], founders: ["A"], changes: "B" };

/** As the code is, with a database that keeps what it has. */
export const HONEST: readonly Scenario[] = [
  { ...BASE, name: "two sealers", rules: CODE_RULES },
  { ...BASE, ...THREE, name: "three sealers", rules: CODE_RULES, seqnoMax: 3 },
  { ...BASE, name: "a crash", rules: CODE_RULES, seqnoMax: 3, crashes: 1 },
  { ...BASE, name: "lost answers", rules: CODE_RULES, seqnoMax: 3, lostAnswers: 2 },
  {
    ...BASE,
    name: "twins of one node",
    rules: CODE_RULES,
    processes: ["A", "A"],
    founders: ["A"],
    seqnoMax: 3,
    lostAnswers: 1,
  },
  {
    ...BASE,
    ...GROWING,
    name: "two processes create the ledger",
    rules: CODE_RULES,
    founders: [],
    seqnoMax: 3,
    viewMax: 3,
  },
  { ...BASE, ...GROWING, name: "a sealer is added", rules: CODE_RULES },
  { ...BASE, changes: "b", name: "a sealer is removed", rules: CODE_RULES, viewMax: 3 },
];

/** With the rules that the code lacks, and an operator who restores an old copy of the database. */
export const ROLLED_BACK: readonly Scenario[] = [
  { ...BASE, name: "a rollback", rollback: true, seqnoMax: 2, expiry: false },
  {
    ...BASE,
    name: "a rollback and a crash",
    rollback: true,
    seqnoMax: 2,
    viewMax: 3,
    crashes: 1,
    expiry: false,
  },
  {
    ...BASE,
    ...THREE,
    name: "a rollback with three sealers",
    rollback: true,
    seqnoMax: 2,
    viewMax: 3,
    expiry: false,
  },
];

/** Larger than can be seen through: for random walks. */
export const LARGE: readonly Scenario[] = [
  {
    ...BASE,
    ...THREE,
    name: "three sealers and every fault",
    rules: CODE_RULES,
    processes: ["A", "B", "C", "A"],
    changes: "cCb",
    seqnoMax: 14,
    viewMax: 14,
    crashes: 4,
    lostAnswers: 4,
  },
  {
    ...BASE,
    name: "five sealers, rolled back",
    processes: ["A", "B", "C", "D", "E"],
    founders: ["A", "B", "C"],
    changes: "DEa",
    seqnoMax: 12,
    viewMax: 12,
    crashes: 2,
    lostAnswers: 2,
    rollback: true,
  },
];

export interface Mutation {
  /** What is switched off, or weakened. */
  readonly off: readonly (keyof Rules)[];
  readonly scenario: Scenario;
  readonly violation: string;
}

/** Each rule that is taken away, and what goes wrong then. */
export const MUTATIONS: readonly Mutation[] = [
  mutation(["appendNeedsView"], VIOLATION.overtaken),
  mutation(["appendNeedsInstance"], VIOLATION.overtaken, { founders: [] }),
  mutation(["appendNeedsPreviousSeqno"], VIOLATION.lost, { lostAnswers: 1 }),
  mutation(["acquireRaisesView"], VIOLATION.writers, { rules: { knownViewIsRefused: false } }),
  mutation(["acquireRaisesView"], VIOLATION.iv, {
    rules: { knownViewIsRefused: false, secretPerView: false },
  }),
  mutation(["acquireNeedsVerifiedSeqno"], VIOLATION.unverified, {
    rules: { tailIsCompared: false },
  }),
  mutation(["acquireNeedsFreeLease"], VIOLATION.read, THREE),
  mutation(["lookUpComparesContent"], VIOLATION.twice, { processes: ["A", "A"], founders: ["A"] }),
  mutation(["followerVerifiesEntries"], VIOLATION.rollback, {
    rollback: true,
    rules: { anchorIsChecked: false },
  }),
  mutation(["followerRefusesShorterStore"], VIOLATION.rollback, { rollback: true }),
  mutation(["anchorIsChecked"], VIOLATION.rollback, { rollback: true, crashes: 1 }),
  mutation(["anchorBeforeMessages"], VIOLATION.rollback, { rollback: true, crashes: 1 }),
  mutation(["answerNamesRoot"], VIOLATION.falseAnswer, { ...THREE, rollback: true }),
  mutation(["tailIsCompared"], VIOLATION.unverified, { rollback: true }),
  mutation(["acknowledgesAfterDurable"], VIOLATION.lost, GROWING),
  mutation(["acknowledgesAfterMajority"], VIOLATION.quorum),
  mutation(["majorityIsMoreThanHalf"], VIOLATION.quorum),
  mutation(["majorityIsReadPerChunk"], VIOLATION.quorum, {
    founders: ["A", "B", "C"],
    changes: "b",
    viewMax: 3,
  }),
  mutation(["knownViewIsRefused"], VIOLATION.iv, {
    processes: ["A"],
    founders: ["A"],
    rollback: true,
    rules: { secretPerView: false },
  }),
  mutation(["secretPerView"], VIOLATION.iv, { rollback: true }),
];

function mutation(
  off: readonly (keyof Rules)[],
  violation: string,
  changes: Partial<Omit<Scenario, "rules">> & { rules?: Partial<Rules> } = {},
): Mutation {
  const rules = { ...ALL_RULES, ...changes.rules };
  for (const rule of off) rules[rule] = false;
  return {
    off,
    violation,
    scenario: { ...BASE, ...changes, name: `without ${off.join()}`, rules },
  };
}
