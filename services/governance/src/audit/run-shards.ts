// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from "node:os";
import type { DecodedEntry } from "@consortium/ledger";
import type { Conclusion } from "../rehearse/conclusion.js";
import { type AuditRange, feedShards } from "./ledger-feed.js";
import type { LedgerSource, SourceSummary } from "./ledger-source.js";
import { Shard } from "./shard.js";
import type { ShardTask, ShardVerdict } from "./shard-protocol.js";

export interface ShardRun {
  readonly source: LedgerSource;
  readonly task: ShardTask;
  readonly range: AuditRange;
  readonly threads?: number | undefined;
  readonly onVerdict: (verdict: ShardVerdict) => void;
  readonly onEntry?: ((entry: DecodedEntry) => void) | undefined;
  readonly onGovernance?: ((entry: DecodedEntry) => void) | undefined;
}

const THREADS_MAX = 16;

/**
 * Reads the ledger once and has its governance transactions judged on as many threads as there are
 * processors. Where an evaluation hangs, its thread is ended, and what was left to it is judged again
 * by one that survives such evaluations.
 */
export async function runShards(
  run: ShardRun,
): Promise<{ summary: SourceSummary; conclusion: Conclusion | undefined }> {
  const count = Math.min(run.threads ?? availableParallelism(), THREADS_MAX);
  await using stack = new AsyncDisposableStack();
  const start = (isCareful: boolean): Shard =>
    stack.use(
      new Shard({
        task: run.task,
        isCareful,
        onVerdicts: (verdicts) => verdicts.forEach((verdict) => run.onVerdict(verdict)),
      }),
    );
  const { source, range, onEntry, onGovernance } = run;
  let shards: readonly Shard[] = [];
  const summary = await feedShards({
    source,
    openShards: (isMuch) => {
      shards = Array.from({ length: isMuch ? count : 1 }, () => start(false));
      return shards;
    },
    shardOf: (all, ordinal) => all[ordinal % all.length],
    range,
    onEntry,
    onGovernance,
  });
  let conclusion = await shards[0]?.conclude();
  for (const [index, lost] of shards.entries()) {
    if (!lost.isLost) continue;
    const careful = start(true);
    await feedShards({
      source,
      openShards: () => [careful],
      shardOf: (_, ordinal, seqno) =>
        ordinal % shards.length === index && seqno > lost.lastSeqno ? careful : undefined,
      range: { ...range, toSeqno: Math.min(range.toSeqno, summary.transactions) },
    });
    conclusion ??= await careful.conclude();
  }
  return { summary, conclusion };
}
