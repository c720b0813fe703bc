// SPDX-License-Identifier: Apache-2.0
import { formatTransactionId } from "@consortium/ledger";
import type { LedgerSource, SourceFault } from "../audit/ledger-source.js";
import { runShards } from "../audit/run-shards.js";
import { Sandbox } from "../sandbox/sandbox.js";
import { exportsFault } from "./check-exports.js";
import type { Conclusion } from "./conclusion.js";
import type { RehearsedRequest } from "./rehearsal.js";

/** A recorded request that would come out otherwise. */
export type RehearsalDifference = RehearsedRequest & { readonly transactionId: string };

export interface ConstitutionReport {
  /** Why the text is no constitution at all; nothing else was tried then. */
  readonly exportsFault?: string;
  readonly ledgerFault?: SourceFault;
  /** Recorded proposals and ballots that were made again. */
  readonly rehearsed: number;
  readonly differences: readonly RehearsalDifference[];
  /** There may be more than are listed. */
  readonly differenceCount: number;
  /** Absent where no ledger was given. */
  readonly conclusion?: Conclusion;
  /** No set of members could change anything any more. */
  readonly locksOut: boolean;
}

const DIFFERENCES_LISTED_MAX = 200;

/**
 * Tries a constitution before anyone votes on it: whether it is one, what it would have made of the
 * proposals that the ledger records, and whether it could ever be changed again.
 */
export async function checkConstitution(
  constitution: string,
  source: LedgerSource | undefined,
  options: {
    threads?: number | undefined;
    onProgress?: ((rehearsed: number) => void) | undefined;
  } = {},
): Promise<ConstitutionReport> {
  const fault = await faultOf(constitution);
  const nothing = { rehearsed: 0, differences: [], differenceCount: 0, locksOut: false };
  if (fault !== undefined) return { ...nothing, exportsFault: fault };
  if (source === undefined) return nothing;
  const differences: (RehearsalDifference & { seqno: number })[] = [];
  let rehearsed = 0;
  const { summary, conclusion } = await runShards({
    source,
    task: { kind: "rehearse", constitution },
    range: { fromSeqno: 1, toSeqno: Number.MAX_SAFE_INTEGER },
    threads: options.threads,
    onVerdict: ({ seqno, view, rehearsed: one }) => {
      if (one === undefined) return;
      rehearsed += 1;
      if (rehearsed % 100 === 0) options.onProgress?.(rehearsed);
      if (one.recorded !== one.rehearsed || one.rows.length > 0)
        differences.push({ ...one, transactionId: formatTransactionId(view, seqno), seqno });
    },
  });
  return {
    ...(summary.fault === undefined ? {} : { ledgerFault: summary.fault }),
    rehearsed,
    differenceCount: differences.length,
    differences: differences
      .toSorted((a, b) => a.seqno - b.seqno)
      .slice(0, DIFFERENCES_LISTED_MAX)
      .map(({ seqno: _, ...difference }) => difference),
    ...(conclusion === undefined ? {} : { conclusion }),
    locksOut: conclusion !== undefined && isLockOut(conclusion),
  };
}

/** Nothing passes, or at least not the one change that could mend everything else. */
function isLockOut({ trials }: Conclusion): boolean {
  return trials.some(({ name, invalid, votesNeeded, failure }) => {
    if (invalid !== undefined) return name === "set_constitution";
    return votesNeeded === undefined || failure !== undefined;
  });
}

async function faultOf(constitution: string): Promise<string | undefined> {
  await using sandbox = await Sandbox.start();
  return await exportsFault(constitution, sandbox);
}
