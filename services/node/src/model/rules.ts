// SPDX-License-Identifier: Apache-2.0

/** The rules that leadership and commit rest on. The tests switch each off and expect to be caught. */
export interface Rules {
  // The store: the conditions of the SQL statements in ledger/store/{append,lease}.ts.
  readonly appendNeedsView: boolean;
  readonly appendNeedsInstance: boolean;
  readonly appendNeedsPreviousSeqno: boolean;
  readonly acquireRaisesView: boolean;
  readonly acquireNeedsVerifiedSeqno: boolean;
  readonly acquireNeedsFreeLease: boolean;
  readonly lookUpComparesContent: boolean;

  // The follower: ledger/peer/follower.ts, ledger/replica, node/group/{anchor,group-member}.ts.
  readonly followerVerifiesEntries: boolean;
  readonly followerRefusesShorterStore: boolean;
  readonly anchorIsChecked: boolean;
  /** A node compares the store with its anchor before it takes messages. */
  readonly anchorBeforeMessages: boolean;
  /** An answer names what was verified, not only how far, and is counted only if it is the same. */
  readonly answerNamesRoot: boolean;
  /** Before a node leads it compares the last chunk of the store with its own, not only its seqno. */
  readonly tailIsCompared: boolean;

  // The primary: node/pipeline/primary.ts, node/group/{replication,group-member}.ts.
  readonly acknowledgesAfterDurable: boolean;
  readonly acknowledgesAfterMajority: boolean;
  /** `floor(n / 2) + 1` sealers; otherwise `floor(n / 2)`. */
  readonly majorityIsMoreThanHalf: boolean;
  /** Who has to acknowledge a chunk is read after the chunks before it were committed. */
  readonly majorityIsReadPerChunk: boolean;
  /** A node does not lead a view again that it led, or that it has verified entries of. */
  readonly knownViewIsRefused: boolean;
  /** Every view encrypts with a ledger secret of its own. */
  readonly secretPerView: boolean;
}

/** Everything that keeps the invariants. */
export const ALL_RULES: Rules = {
  appendNeedsView: true,
  appendNeedsInstance: true,
  appendNeedsPreviousSeqno: true,
  acquireRaisesView: true,
  acquireNeedsVerifiedSeqno: true,
  acquireNeedsFreeLease: true,
  lookUpComparesContent: true,
  followerVerifiesEntries: true,
  followerRefusesShorterStore: true,
  anchorIsChecked: true,
  anchorBeforeMessages: true,
  answerNamesRoot: true,
  tailIsCompared: true,
  acknowledgesAfterDurable: true,
  acknowledgesAfterMajority: true,
  majorityIsMoreThanHalf: true,
  majorityIsReadPerChunk: true,
  knownViewIsRefused: true,
  secretPerView: true,
};

/** What may happen, and how often. */
export interface Scenario {
  readonly name: string;
  readonly rules: Rules;
  /** The node of each process. Two processes of one node are twins. */
  readonly processes: readonly string[];
  /** The sealers of the genesis; none: the ledger is empty, and whoever is first creates it. */
  readonly founders: readonly string[];
  /** Changes of membership that may be written, in this order: `B` adds node B, `b` removes it. */
  readonly changes: string;
  readonly seqnoMax: number;
  readonly viewMax: number;
  readonly crashes: number;
  readonly lostAnswers: number;
  /** Whether the operator of the database keeps a copy once, and restores it once. */
  readonly rollback: boolean;
  /** Whether the database's clock may run ahead of a lease. */
  readonly expiry: boolean;
}

/**
 * The rules that the code has today. What is missing only matters when the operator of the database
 * restores an old copy: see README.md.
 */
export const CODE_RULES: Rules = { ...ALL_RULES, secretPerView: false };

/** Two sealers, everything that keeps the invariants, and no fault at all. */
export const BASE: Scenario = {
  name: "two sealers",
  rules: ALL_RULES,
  processes: ["A", "B"],
  founders: ["A", "B"],
  changes: "",
  seqnoMax: 4,
  viewMax: 4,
  crashes: 0,
  lostAnswers: 0,
  rollback: false,
  expiry: true,
};
